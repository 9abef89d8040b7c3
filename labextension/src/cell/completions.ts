/** What can stand at a place of the magic line: options, samplers, pruners, and names that the cell has. */
import { magicLine, type Word } from './magic_line';
import { metricNames, parameterNames } from './names';
import { OPTIONS, PROVIDED, spelling, type Option } from './reference';

export type Kind = 'option' | 'sampler' | 'pruner' | 'metric' | 'parameter' | 'placeholder';

export interface Completion {
  readonly insert: string;
  readonly kind: Kind;
  /** How it is written with its value, for an option. */
  readonly spelling: string;
  readonly help: string;
}

export interface Completions {
  /** Where the text begins that a completion takes the place of; it ends at the offset that was asked for. */
  readonly from: number;
  readonly items: readonly Completion[];
}

const IDENTIFIER = /[\p{L}_][\p{L}\p{N}_]*$/u;

/** The completions of what is written before `offset`; null outside of the options, and where only the user knows what can stand there. */
export function completionsAt(text: string, offset: number): Completions | null {
  const found = candidatesAt(text, offset);
  if (!found) return null;
  const typed = text.slice(found.from, offset);
  // an option may be looked for without its dashes
  const begins = ({ insert, kind }: Completion): boolean =>
    insert.startsWith(typed) || (kind === 'option' && !typed.startsWith('-') && insert.includes(typed));
  return { from: found.from, items: found.items.filter(begins) };
}

function candidatesAt(text: string, offset: number): Completions | null {
  const line = magicLine(text, offset);
  if (!line || offset <= line.from || offset > line.to) return null;
  const last = line.parts.at(-1);
  const word = last?.to === offset ? last : null;
  const before = word ? magicLine(text, word.from) : line;
  if (!before || (word && isClosed(text, word))) return null;
  const typed = word ? text.slice(word.from, offset) : '';
  if (word?.role === 'option' && typed.includes('='))
    return valuesAt(text, offset, word.option, word.from + typed.indexOf('=') + 1, 0);
  const { open } = before;
  if (open?.needs && !typed.startsWith('--')) {
    return valuesAt(text, offset, open.option, word?.from ?? offset, open.has);
  }
  if (open && typed !== '' && !typed.startsWith('-')) return null;
  return { from: word?.from ?? offset, items: optionsBeside(text, offset) };
}

/** Whether a quote has been closed at the end of the word: nothing goes on there. */
function isClosed(text: string, { from, to }: Word): boolean {
  return to - from > 1 && /["']/.test(text.charAt(to - 1)) && text[from] === text[to - 1];
}

function optionsBeside(text: string, offset: number): Completion[] {
  const whole = magicLine(text);
  const given = new Set(
    whole?.parts.flatMap(part => (part.role === 'option' && part.to !== offset ? [part.option.flag] : [])) ?? []
  );
  return OPTIONS.filter(({ flag, repeats }) => repeats || !given.has(flag)).map(option => ({
    insert: option.flag,
    kind: 'option',
    spelling: spelling(option),
    help: option.help
  }));
}

function valuesAt(text: string, offset: number, option: Option, from: number, index: number): Completions | null {
  const name = option.flag.slice(2);
  if (option.choices.length > 0) return { from, items: named(option.choices, name as Kind, option.help) };
  const typed = text.slice(from, offset);
  const quote = /^["']/.exec(typed) ? 1 : 0;
  switch (name) {
    case 'maximize':
    case 'minimize':
      return { from: from + quote, items: metrics(text) };
    case 'metric':
      return index === 0 ? { from: from + quote, items: named(wanted(text), 'metric', 'named on this line') } : null;
    case 'subject-to': {
      const start = offset - (IDENTIFIER.exec(typed)?.[0].length ?? 0);
      return { from: start, items: [...parameters(text), ...metrics(text)] };
    }
    case 'command': {
      const placeholder = /(?<!\{)(?:\{\{)*\{([\w.]*)$/.exec(typed)?.[1];
      if (placeholder === undefined) return null;
      const provided = named(PROVIDED, 'placeholder', 'that a trial provides');
      return { from: offset - placeholder.length, items: [...parameters(text), ...provided] };
    }
    default:
      return null;
  }
}

function metrics(text: string): Completion[] {
  return named(metricNames(text), 'metric', 'of this cell');
}

function parameters(text: string): Completion[] {
  return named(parameterNames(text), 'parameter', 'declared in this cell');
}

/** The metrics that the line is after. */
function wanted(text: string): string[] {
  const parts = magicLine(text)?.parts ?? [];
  return parts.flatMap(part =>
    part.role === 'value' && /^--(?:max|min)imize$/.test(part.option.flag) ? [part.text] : []
  );
}

function named(names: readonly string[], kind: Kind, help: string): Completion[] {
  return names.map(name => ({ insert: name, kind, spelling: name, help }));
}
