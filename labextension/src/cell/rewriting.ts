/**
 * Changes to the text of a cell that give parameters other bounds, choices or defaults.
 *
 * They keep the style of what they replace, and change nothing else. All declarations of a name change alike, as the kernel
 * demands of those in the two branches of an if. A default that the new range leaves out moves to its nearest end, or to
 * the first choice: the kernel would refuse the cell. Offsets are those of the text that was read.
 */
import type { Cell, Parameter } from '../wire/protocol';
import type { Choices, Declaration, Expression } from './declarations';
import { isWhole, written } from './literals';

export interface TextChange {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/** What is to change of one parameter. */
export interface Wanted {
  readonly bounds?: readonly [number, number];
  readonly choices?: readonly Cell[];
  readonly default?: Cell;
}

/**
 * The changes that give each named parameter what is wanted, in the order of the text. A parameter that the cell does not
 * declare, or not by literals, has none.
 *
 * @param texts How choices were written that are not in the text now, by value.
 */
export function rewrite(
  text: string,
  declared: readonly Declaration[],
  wanted: Readonly<Record<string, Wanted>>,
  texts: ReadonlyMap<Cell, string> = new Map()
): TextChange[] {
  const changes = declared.flatMap(declaration => {
    const given = Object.hasOwn(wanted, declaration.name) ? wanted[declaration.name] : undefined;
    return given && declaration.parameter ? changesOf(text, declaration, declaration.parameter, given, texts) : [];
  });
  return changes.filter(({ from, to, insert }) => text.slice(from, to) !== insert).sort((a, b) => a.from - b.from);
}

function changesOf(
  text: string,
  declaration: Declaration,
  parameter: Parameter,
  wanted: Wanted,
  texts: ReadonlyMap<Cell, string>
): TextChange[] {
  const { low, high, default: argument } = declaration.arguments;
  const { bounds, choices } = wanted;
  const changes: TextChange[] = [];
  if (bounds && low && high) {
    changes.push(replaced(low, writtenBound(bounds[0], parameter, low, high)));
    changes.push(replaced(high, writtenBound(bounds[1], parameter, high, low)));
  }
  if (choices && declaration.choices) changes.push(...choicesChanged(text, declaration.choices, choices, texts));
  /** Where the value lies in what is wanted. */
  const inside = (value: Cell | undefined): Cell | undefined => {
    if (bounds && typeof value === 'number') return Math.min(bounds[1], Math.max(bounds[0], value));
    return choices && value !== undefined && !choices.includes(value) ? choices[0] : value;
  };
  const [first, second] = declaration.value ? [declaration.value, argument] : [argument, undefined];
  for (const place of [first, second]) {
    const next = place === first && wanted.default !== undefined ? wanted.default : inside(place?.value);
    if (place && next !== undefined && next !== place.value)
      changes.push(replaced(place, writtenDefault(declaration, next, place)));
  }
  if (!first && wanted.default !== undefined)
    changes.push(defaultAdded(declaration, writtenDefault(declaration, wanted.default)));
  return changes;
}

function replaced({ from, to }: Expression, insert: string): TextChange {
  return { from, to, insert };
}

function defaultAdded(
  { annotationEnd, argumentsEnd, arguments: given, choices }: Declaration,
  insert: string
): TextChange {
  if (annotationEnd !== null) return { from: annotationEnd, to: annotationEnd, insert: ` = ${insert}` };
  const comma = Object.keys(given).length > 0 || choices ? ', ' : '';
  return { from: argumentsEnd, to: argumentsEnd, insert: `${comma}default=${insert}` };
}

/** A bound in the style of the one that stood there; 0 and 1 have none of their own for a fraction. */
function writtenBound(value: number, parameter: Parameter, own: Expression, other: Expression): string {
  if (value === own.value) return own.text;
  return number(value, parameter, own.text, other.text);
}

function writtenDefault(
  { parameter, arguments: { low, high }, choices }: Declaration,
  value: Cell,
  stood?: Expression | null
): string {
  const own = typeof stood?.value === typeof value ? stood?.text : undefined;
  if (parameter && typeof value === 'number' && low && high) {
    const bounds = [high.text, low.text].sort((a, b) => Number(isScientific(b)) - Number(isScientific(a)));
    return number(value, parameter, ...(own === undefined ? bounds : [own, ...bounds]));
  }
  const same = choices?.items?.find(item => item.value === value);
  const alike = choices?.items?.find(item => typeof item.value === typeof value);
  return same?.text ?? written(value, own ?? alike?.text);
}

function isScientific(text: string): boolean {
  return /\d[eE]/.test(text) && !/^0[xX]/.test(text);
}

/** In the first of these styles that has a place for the value: ints have none for a fraction, floats none for an int. */
function number(value: number, parameter: Parameter, ...styles: readonly string[]): string {
  const isInt = parameter.kind === 'int';
  // 0 and 2.5 are written like that whatever the style
  const hasStyle = (style: string): boolean =>
    isScientific(style) || !/^[-+]?(?:0|\d(?:\.\d*)?)$/.test(style) || /^[-+]?0\.\d/.test(style);
  const fits = (style: string): boolean => isWhole(style) === Number.isInteger(value) || (!isInt && !isWhole(style));
  return written(
    value,
    styles.find(style => fits(style) && hasStyle(style)) ??
      styles.find(fits) ??
      (isInt ? '' : styles.find(style => !isWhole(style)))
  );
}

function choicesChanged(
  text: string,
  { from, to, items }: Choices,
  wanted: readonly Cell[],
  texts: ReadonlyMap<Cell, string>
): TextChange[] {
  if (!items || wanted.length === 0) return [];
  const textOf = (value: Cell): string => {
    const alike = items.find(item => typeof item.value === typeof value);
    return items.find(item => item.value === value)?.text ?? texts.get(value) ?? written(value, alike?.text);
  };
  const stays = (item: Expression): boolean => item.value !== undefined && wanted.includes(item.value);
  const kept = items.filter(stays);
  const isTuple = text[from] === '(';
  if (kept.length === 0 || (isTuple && wanted.length === 1)) {
    const comma = isTuple && wanted.length === 1 ? ',' : '';
    return [{ from: from + 1, to: to - 1, insert: wanted.map(textOf).join(', ') + comma }];
  }
  const changes = removed(text, items, stays);
  let before: Expression | undefined;
  for (const value of wanted) {
    const present = kept.find(item => item.value === value);
    before = present ?? before;
    if (present) continue;
    if (before) changes.push({ from: before.to, to: before.to, insert: `, ${textOf(value)}` });
    else changes.push({ from: kept[0]?.from ?? from, to: kept[0]?.from ?? from, insert: `${textOf(value)}, ` });
  }
  return changes;
}

/** Takes each run of items away that does not stay, with the comma and blanks that belong to it. Comments stay. */
function removed(text: string, items: readonly Expression[], stays: (item: Expression) => boolean): TextChange[] {
  const changes: TextChange[] = [];
  for (let start = 0; start < items.length; start++) {
    const [first, before] = [items[start], items[start - 1]];
    if (!first || stays(first)) continue;
    let end = start;
    while (end + 1 < items.length && !stays(items[end + 1] ?? first)) end++;
    const [last, after] = [items[end] ?? first, items[end + 1]];
    const [from, to] = before ? [before.to, last.to] : [first.from, after?.from ?? last.to];
    if (/[\n#]/.test(text.slice(from, to))) {
      changes.push(...items.slice(start, end + 1).map(item => removedAlone(text, item)));
    } else changes.push({ from, to, insert: '' });
    start = end;
  }
  return changes;
}

/** The item and the comma behind it; the whole line if nothing else stands there. */
function removedAlone(text: string, { from, to }: Expression): TextChange {
  const end = to + (/^\s*,[ \t]*/.exec(text.slice(to))?.[0].length ?? 0);
  const lineStart = text.lastIndexOf('\n', from - 1) + 1;
  const isAlone = text.slice(lineStart, from).trim() === '' && text[end] === '\n';
  return isAlone ? { from: lineStart, to: end + 1, insert: '' } : { from, to: end, insert: '' };
}
