/** What the options of %%tune and the ranges mean. Python writes reference.json: `python -m tests.front_end_reference`. */
import reference from './reference.json';

export interface Option {
  /** As in `--max-steps`. */
  readonly flag: string;
  /** As in `-n`, or empty. */
  readonly short: string;
  /** The name of its value; empty for a switch. */
  readonly metavar: string;
  readonly values: 0 | 1 | 2 | 'several';
  /** Whether it may be given again. */
  readonly repeats: boolean;
  /** The names that it takes; empty where it takes others. */
  readonly choices: readonly string[];
  readonly help: string;
}

export interface RangeKind {
  readonly name: string;
  readonly signature: string;
  readonly about: string;
  readonly arguments: readonly { readonly names: readonly string[]; readonly help: string }[];
}

export const OPTIONS = reference.options as readonly Option[];
export const RANGES: readonly RangeKind[] = reference.ranges;
/** What `{…}` in --command can stand for beside parameters. */
export const PROVIDED: readonly string[] = reference.provided;

/** The option as the help of the magic has it: `-n, --trials N`. */
export function spelling({ flag, short, metavar, values }: Option): string {
  const flags = short ? `${short}, ${flag}` : flag;
  return metavar ? `${flags} ${metavar}${values === 'several' ? '...' : ''}` : flags;
}
