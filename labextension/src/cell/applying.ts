/**
 * What a study has found, for the text of its cell: the best values as defaults, or ranges around the best trials.
 *
 * The cell may have been edited since the study began. What has no place in it as it is now is left out, and said.
 */
import { choiceName, formatNumber, formatValue } from '../params/format';
import { limits, onGrid, rounded, stepOf } from '../params/scale';
import type { Cell, Parameter, Params, Range } from '../wire/protocol';
import { declarations, type Declaration } from './declarations';
import { rewrite, type TextChange, type Wanted } from './rewriting';

export interface Application {
  /** In the order of the text; empty if it has everything already, or nothing can be written. */
  readonly changes: readonly TextChange[];
  /** What is written and what is not, in sentences. */
  readonly words: string;
  /** What the text then has, by parameter; nothing of those that stay as they are. */
  readonly written: Readonly<Record<string, Wanted>>;
}

/** Digits of the end of a range, at least. */
const DIGITS = 3;
/** Those of a float. */
const MOST_DIGITS = 17;

/** The best values as defaults, exactly. */
export function applyBest(text: string, best: Params): Application {
  return apply(text, best, defaultOf, {
    written: 'written as defaults',
    already: 'The defaults are the best values already.'
  });
}

/** Ranges around the best trials, as the kernel has worked them out. No range becomes wider than it is in the text. */
export function narrowAround(text: string, ranges: Readonly<Record<string, Range>>): Application {
  return apply(text, ranges, rangeOf, {
    written: 'written as ranges',
    already: 'The ranges are as narrow already.'
  });
}

interface Fit {
  readonly wanted: Wanted;
  /** "lr = 0.01" */
  readonly words: string;
}

interface Words {
  readonly written: string;
  readonly already: string;
}

function apply<T>(
  text: string,
  found: Readonly<Record<string, T>>,
  fit: (parameter: Parameter, value: T) => Fit | string,
  words: Words
): Application {
  const declared = declarations(text);
  const written: Record<string, Wanted> = {};
  const done: string[] = [];
  const left: string[] = [];
  for (const [name, value] of Object.entries(found)) {
    const parameter = readable(declared.filter(declaration => declaration.name === name));
    const fitting = typeof parameter === 'string' ? parameter : fit(parameter, value);
    if (typeof fitting === 'string') left.push(`${name} could not be written: ${fitting}.`);
    else if (rewrite(text, declared, { [name]: fitting.wanted }).length > 0) {
      written[name] = fitting.wanted;
      done.push(fitting.words);
    }
  }
  const first = done.length > 0 ? [`${done.join(', ')} ${words.written}.`] : left.length > 0 ? [] : [words.already];
  return { changes: rewrite(text, declared, written), words: [...first, ...left].join(' '), written };
}

/** The parameter that these declarations of one name declare, or why it cannot be written. */
function readable(declared: readonly Declaration[]): Parameter | string {
  const [first] = declared;
  if (!first) return 'the cell does not declare it';
  // in the two branches of an if both have to change
  const parameters = declared.map(({ parameter }) => parameter);
  return parameters.includes(null) || !first.parameter ? 'its range is not made of literals' : first.parameter;
}

function defaultOf(parameter: Parameter, value: Cell): Fit | string {
  const { name } = parameter;
  if (!allows(parameter, value)) return `${formatValue(value)} is not in its range now`;
  return { wanted: { default: value }, words: `${name} = ${formatValue(value)}` };
}

function allows(parameter: Parameter, value: Cell): boolean {
  if (parameter.kind === 'categorical') return parameter.choices?.includes(value) ?? false;
  if (typeof value !== 'number') return false;
  const [low, high] = limits(parameter);
  const isWhole = parameter.kind !== 'int' || Number.isInteger(value);
  return isWhole && low <= value && value <= high;
}

function rangeOf(parameter: Parameter, range: Range): Fit | string {
  const { name } = parameter;
  if (parameter.kind === 'categorical') {
    const choices = (parameter.choices ?? []).filter(choice => range.includes(choice));
    if (choices.length === 0) return `the cell has none of ${range.map(choiceName).join(', ')} now`;
    return { wanted: { choices }, words: `${name} in ${choices.map(choiceName).join(', ')}` };
  }
  const [from, to] = range;
  const [low, high] = limits(parameter);
  if (typeof from !== 'number' || typeof to !== 'number') return 'its range holds numbers now';
  if (from > high || to < low) return `its range is not ${formatNumber(from)} to ${formatNumber(to)} any more`;
  const bounds = [
    Math.max(
      low,
      end(parameter, from, (short, exact) => short <= exact)
    ),
    Math.min(
      high,
      end(parameter, to, (short, exact) => short >= exact)
    )
  ] as const;
  return { wanted: { bounds }, words: `${name} from ${formatNumber(bounds[0])} to ${formatNumber(bounds[1])}` };
}

/** An end of a range, as short as it can be without leaving out what lies within. */
function end(parameter: Parameter, exact: number, holds: (short: number, exact: number) => boolean): number {
  if (stepOf(parameter) !== null) return onGrid(parameter, exact);
  for (let digits = DIGITS; digits <= MOST_DIGITS; digits++) {
    const short = rounded(exact, parameter, digits);
    if (holds(short, exact)) return short;
  }
  return exact;
}
