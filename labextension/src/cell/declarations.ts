/**
 * The parameters that the text of a %%tune cell declares, each with the places of what can be rewritten.
 *
 *     name: Float(…) = default    name = Float(…)    name: Annotated[float, Float(…)] = default    name: float = Float(…)
 *
 * The kernel reads the same text by its syntax tree (jupyter_tune/notebook/cell); test/fixtures/cells.json holds cells that
 * both have to read alike. What only the notebook knows is not known here: the value of a name or of an expression, a range
 * made in another cell, and whether `sa` in `sa.Float(…)` is this package (it is believed, unless the cell imports it from
 * elsewhere). The text may be unfinished. Offsets are those of the whole text, with the line of the magic.
 */
import type { Cell, Parameter } from '../wire/protocol';
import { literal } from './literals';
import {
  bare,
  betweenCommas,
  closingIndex,
  indexOutside,
  statements,
  type Span,
  type Statement,
  type Token
} from './python';

export type Kind = 'Float' | 'Int' | 'Categorical';

/** Of a call; `choices` is in a place of its own. */
export type ArgumentName = 'low' | 'high' | 'log' | 'reverse_log' | 'step' | 'default' | 'ordered';

/** An expression in the cell: its value if it is a literal, else undefined. */
export interface Expression extends Span {
  readonly text: string;
  readonly value: Cell | undefined;
}

/** The list of choices: from its opening bracket to behind its closing one, or the expression that stands there. */
export interface Choices extends Span {
  /** Null for what is no list or tuple in the text. */
  readonly items: readonly Expression[] | null;
}

export interface Declaration {
  readonly name: string;
  readonly kind: Kind;
  readonly nameAt: Span;
  /** From the word (with the module before it) to behind its closing bracket, or to the end of the unfinished text. */
  readonly call: Span;
  readonly isClosed: boolean;
  readonly arguments: Readonly<Partial<Record<ArgumentName, Expression>>>;
  readonly choices: Choices | null;
  /** Behind the last argument, where another one can be added; behind the opening bracket of a call without any. */
  readonly argumentsEnd: number;
  /** Behind the annotation, where ` = default` can be added; null where the range is itself the value. */
  readonly annotationEnd: number | null;
  /** What stands behind the `=` of an annotation: the default, which counts more than the argument of that name. */
  readonly value: Expression | null;
  /**
   * The parameter as the kernel reads it; null if what ranges it is no literal, or the kernel would refuse it. The default
   * is not looked at: there is none if it is no literal.
   */
  readonly parameter: Parameter | null;
}

const KINDS: ReadonlySet<string> = new Set<Kind>(['Float', 'Int', 'Categorical']);
const POSITIONAL: Readonly<Record<Kind, readonly string[]>> = {
  Float: ['low', 'high'],
  Int: ['low', 'high'],
  Categorical: ['choices']
};
const NAMES: Readonly<Record<Kind, ReadonlySet<string>>> = {
  Float: new Set(['low', 'high', 'log', 'reverse_log', 'step', 'default']),
  Int: new Set(['low', 'high', 'log', 'step', 'default']),
  Categorical: new Set(['choices', 'ordered', 'default'])
};

const PACKAGE = 'jupyter_tune';
const NOT_NAMES: ReadonlySet<string> = new Set(['lambda', 'else', 'try', 'finally', 'None', 'True', 'False']);

/** The length of the magic's line; null for the text of a cell that is not tuned. */
export function magicLength(text: string): number | null {
  return /^%%tune\b[^\n]*/.exec(text)?.[0].length ?? null;
}

/** The declarations of a cell in the order of the text; none in a cell that does not begin with %%tune. */
export function declarations(text: string): Declaration[] {
  const magic = magicLength(text);
  if (magic === null) return [];
  const lines = statements(text, magic);
  const names: Names = new Map(lines.flatMap(bound));
  return lines.flatMap(statement => declaration(text, statement, names) ?? []);
}

/** What names of the cell mean that are not what they seem: a kind by another name, or null for no kind and no package. */
type Names = ReadonlyMap<string, Kind | null>;

/** The names that a statement imports, defines or assigns. */
function bound(statement: Statement): [string, Kind | null][] {
  const [first, second, ...rest] = statement.map(({ text }) => text);
  if (!first || !second) return [];
  if (first === 'class' || first === 'def' || first === 'async')
    return [[first === 'async' ? (rest[0] ?? '') : second, null]];
  if (second === '=') return [[first, null]];
  if (first !== 'from' && first !== 'import') return [];
  const start = first === 'import' ? 0 : statement.findIndex(({ text }) => text === 'import');
  const imports = betweenCommas(statement.slice(start + 1).filter(({ text }) => text !== '(' && text !== ')'));
  return imports.flatMap(([name, ...more]): [string, Kind | null][] => {
    const owner = first === 'from' ? second : name?.text;
    const alias = more.at(-2)?.text === 'as' ? more.at(-1)?.text : undefined;
    if (!name) return [];
    if (owner !== PACKAGE) return [[alias ?? name.text, null]];
    return first === 'from' && isKind(name.text) ? [[alias ?? name.text, name.text]] : [];
  });
}

function isKind(word: string): word is Kind {
  return KINDS.has(word);
}

/** A call of Float, Int or Categorical. */
interface Call {
  readonly kind: Kind;
  readonly from: number;
  readonly opening: Token;
  readonly inside: readonly Token[];
  /** Undefined for a call that is left open. */
  readonly closing: Token | undefined;
}

function declaration(text: string, statement: Statement, names: Names): Declaration | null {
  const [name, sign] = statement;
  if (name?.kind !== 'name' || NOT_NAMES.has(name.text) || !sign) return null;
  if (sign.text === '=') return declared(text, name, statement.slice(2), null, [], names);
  if (sign.text !== ':') return null;
  const equals = indexOutside(statement, token => token.text === '=', 2);
  const annotation = statement.slice(2, equals < 0 ? undefined : equals);
  const value = equals < 0 ? [] : statement.slice(equals + 1);
  return (
    declared(text, name, annotation, annotation.at(-1)?.to ?? null, value, names) ??
    declared(text, name, value, null, [], names)
  );
}

function declared(
  text: string,
  name: Token,
  range: readonly Token[],
  annotationEnd: number | null,
  value: readonly Token[],
  names: Names
): Declaration | null {
  const call = callIn(range, names) ?? (annotationEnd === null ? null : annotated(range, names));
  if (!call) return null;
  const read = argumentsOf(text, call);
  const found = {
    name: name.text,
    kind: call.kind,
    nameAt: { from: name.from, to: name.to },
    call: { from: call.from, to: call.closing?.to ?? endOfLine(text, call.opening.to) },
    isClosed: call.closing !== undefined,
    arguments: read.named,
    choices: read.choices,
    argumentsEnd: read.end,
    annotationEnd,
    value: value.length > 0 ? expression(text, value) : null
  };
  return { ...found, parameter: read.isSound ? parameterOf(found) : null };
}

/** The call that these tokens are, and nothing else; one that is left open takes all that follows. */
function callIn(tokens: readonly Token[], names: Names): Call | null {
  const inner = bare(tokens);
  const opening = inner.findIndex(({ text }) => text === '(');
  const word = wordBefore(inner, opening);
  const [first, bracket] = [inner[0], inner[opening]];
  if (!word || !first || !bracket) return null;
  const own = names.get(first.text);
  const kind = own && opening === 1 ? own : own === undefined && isKind(word) ? word : null;
  if (!kind) return null;
  const closing = closingIndex(inner, opening);
  if (closing >= 0 && closing < inner.length - 1) return null;
  const inside = inner.slice(opening + 1, closing < 0 ? undefined : closing);
  return { kind, from: first.from, opening: bracket, inside, closing: inner[closing] };
}

/** The range among the parts of Annotated[type, …], if there is one. */
function annotated(tokens: readonly Token[], names: Names): Call | null {
  const inner = bare(tokens);
  const opening = inner.findIndex(({ text }) => text === '[');
  if (wordBefore(inner, opening) !== 'Annotated') return null;
  const closing = closingIndex(inner, opening);
  if (closing >= 0 && closing < inner.length - 1) return null;
  const parts = betweenCommas(inner.slice(opening + 1, closing < 0 ? undefined : closing));
  const calls = parts.flatMap(part => callIn(part, names) ?? []);
  return calls.length === 1 ? (calls[0] ?? null) : null;
}

/** The last word of a dotted name that is all that stands before the index. */
function wordBefore(tokens: readonly Token[], end: number): string | null {
  if (end < 1 || end % 2 === 0) return null;
  const isDotted = tokens.slice(0, end).every(({ kind, text }, at) => (at % 2 === 0 ? kind === 'name' : text === '.'));
  return isDotted ? (tokens[end - 1]?.text ?? null) : null;
}

interface Arguments {
  readonly named: Partial<Record<ArgumentName, Expression>>;
  readonly choices: Choices | null;
  readonly end: number;
  /** Whether every argument has a place, and only one. */
  readonly isSound: boolean;
}

function argumentsOf(text: string, { kind, opening, inside }: Call): Arguments {
  const named: Partial<Record<ArgumentName, Expression>> = {};
  let choices: Choices | null = null;
  let isSound = true;
  const parts = betweenCommas(inside);
  parts.forEach((part, at) => {
    const isKeyword = part[0]?.kind === 'name' && part[1]?.text === '=';
    const name = isKeyword ? (part[0]?.text ?? '') : (POSITIONAL[kind][at] ?? '');
    const written = isKeyword ? part.slice(2) : part;
    const isTaken = name === 'choices' ? choices !== null : name in named;
    if (written.length === 0 || written[0]?.text.startsWith('*') || !NAMES[kind].has(name) || isTaken) isSound = false;
    else if (name === 'choices') choices = choicesOf(text, written);
    else named[name as ArgumentName] = expression(text, written);
  });
  return { named, choices, isSound, end: parts.at(-1)?.at(-1)?.to ?? opening.to };
}

function choicesOf(text: string, tokens: readonly Token[]): Choices {
  const inner = bare(tokens);
  const { from, to } = span(inner);
  const isList = inner[0]?.text === '[' || inner[0]?.text === '(';
  if (!isList || closingIndex(inner, 0) !== inner.length - 1) return { from, to, items: null };
  return { from, to, items: betweenCommas(inner.slice(1, -1)).map(item => expression(text, item)) };
}

function expression(text: string, tokens: readonly Token[]): Expression {
  const { from, to } = span(bare(tokens));
  return { from, to, text: text.slice(from, to), value: literal(tokens) };
}

function span(tokens: readonly Token[]): Span {
  return { from: tokens[0]?.from ?? 0, to: tokens.at(-1)?.to ?? 0 };
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

type Read = Omit<Declaration, 'parameter'>;

function parameterOf(read: Read): Parameter | null {
  const isOpen = Object.entries(read.arguments).some(([name, { value }]) => name !== 'default' && value === undefined);
  if (!read.isClosed || isOpen) return null;
  return read.kind === 'Categorical' ? categorical(read) : numeric(read);
}

function numeric(read: Read): Parameter | null {
  const { low, high, log, reverse_log, step } = read.arguments;
  const [from, to, by] = [number(low), number(high), step === undefined ? null : step.value];
  if (from === null || to === null || (by !== null && typeof by !== 'number')) return null;
  const [isLog, isReverse] = [Boolean(log?.value), Boolean(reverse_log?.value)];
  const isInt = read.kind === 'Int';
  const isGrid = by !== null && !(isInt && by === 1);
  const isRefused =
    from > to ||
    (isLog && (from <= 0 || isReverse || isGrid)) ||
    (isReverse && (from < 0 || to >= 1 || isGrid)) ||
    (by !== null && (by <= 0 || (by > (to - from) * (1 + 1e-9) && to > from))) ||
    (isInt && ![from, to, by ?? 1].every(Number.isInteger));
  if (isRefused) return null;
  return {
    name: read.name,
    kind: isInt ? 'int' : 'float',
    low: from,
    high: to,
    log: isLog,
    reverse_log: isReverse,
    step: by ?? (isInt ? 1 : null),
    ...defaultOf(read)
  };
}

function number(of: Expression | undefined): number | null {
  return typeof of?.value === 'number' ? of.value : null;
}

function categorical(read: Read): Parameter | null {
  const choices = (read.choices?.items ?? []).flatMap(({ value }) => (value === undefined ? [] : [value]));
  const isWhole = choices.length > 0 && choices.length === read.choices?.items?.length;
  if (!isWhole || new Set(choices.map(plain)).size < choices.length) return null;
  return {
    name: read.name,
    kind: 'categorical',
    choices,
    ordered: Boolean(read.arguments.ordered?.value),
    ...defaultOf(read)
  };
}

/** As Python compares them. The kernel tells 1 and True apart by labels, which the page does not know. */
function plain(value: Cell): Cell {
  return typeof value === 'boolean' ? Number(value) : value;
}

function defaultOf({ value, arguments: { default: argument } }: Read): { default?: Cell } {
  const given = value ? value.value : argument?.value;
  return given === undefined ? {} : { default: given };
}
