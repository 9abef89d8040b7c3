/**
 * The line of the magic, read as the kernel reads it (jupyter_tune/launch/option_line.py): words are split and quoted as in
 * a shell, a word that begins with # starts a comment, and each word is an option or belongs to one. The line may be
 * unfinished. test/fixtures/magic_lines.json holds lines that both have to read alike.
 */
import { closeMatch } from './close_matches';
import { magicLength } from './declarations';
import type { Span } from './python';
import { OPTIONS, type Option } from './reference';

export interface Word extends Span {
  /** Without quotes and backslashes. */
  readonly text: string;
}

/** What a word of the line is. */
export type Part = Word &
  (
    | { readonly role: 'option'; readonly option: Option }
    | { readonly role: 'value'; readonly option: Option; readonly index: number }
    | { readonly role: 'unknown' }
    /** A value of an unknown option, or a word without an option. */
    | { readonly role: 'stray' }
  );

export interface MagicLine {
  readonly parts: readonly Part[];
  /** Where the options begin and end: behind %%tune, before a comment. */
  readonly from: number;
  readonly to: number;
  /** The option that the next word would belong to, and how many values it has. */
  readonly open: { readonly option: Option; readonly has: number; readonly needs: boolean } | null;
}

/** The line of the magic up to the offset `end`; null in a cell that is not tuned. */
export function magicLine(text: string, end = Infinity): MagicLine | null {
  const length = magicLength(text);
  if (length === null) return null;
  const from = '%%tune'.length;
  const { words, to } = split(text, from, Math.min(length, end));
  const parts: Part[] = [];
  let open: MagicLine['open'] = null;
  for (const word of words) {
    const found = find(word.text);
    const isPair = open?.option.values === 2 && open.needs;
    if (open && !found && (isPair || !word.text.startsWith('--'))) {
      parts.push({ ...word, role: 'value', option: open.option, index: open.has });
      open = next(open.option, open.has + 1);
    } else if (found) {
      parts.push({ ...word, role: 'option', option: found.option });
      open = next(found.option, found.value === null ? 0 : 1);
    } else if (isMeantAsOption(word.text)) {
      parts.push({ ...word, role: 'unknown' });
      open = null;
    } else parts.push({ ...word, role: 'stray' });
  }
  return { parts, from, to, open };
}

function next(option: Option, has: number): MagicLine['open'] {
  if (option.values === 'several') return { option, has, needs: has === 0 };
  return has < option.values ? { option, has, needs: true } : null;
}

function split(text: string, start: number, end: number): { words: Word[]; to: number } {
  const words: Word[] = [];
  for (let at = start; at < end;) {
    if (/\s/.test(text.charAt(at))) {
      at++;
      continue;
    }
    if (text[at] === '#') return { words, to: at };
    const from = at;
    let word = '';
    while (at < end && !/\s/.test(text.charAt(at))) {
      const char = text.charAt(at++);
      if (char === '\\') word += at < end ? text.charAt(at++) : '';
      else if (char === "'" || char === '"') {
        while (at < end && text[at] !== char) {
          // within "…" a backslash stands before what it escapes only, within '…' for itself
          if (char === '"' && text[at] === '\\' && /["\\]/.test(text.charAt(at + 1))) at++;
          word += text.charAt(at++);
        }
        at++;
      } else word += char;
    }
    at = Math.min(at, end);
    words.push({ text: word, from, to: at });
  }
  return { words, to: end };
}

/** The option that a word names, with the value attached to it, if any. */
function find(word: string): { readonly option: Option; readonly value: string | null } | null {
  const equals = word.indexOf('=');
  const flag = equals < 0 ? word : word.slice(0, equals);
  for (const option of OPTIONS) {
    const { short } = option;
    if (flag === option.flag || (short && flag === short))
      return { option, value: equals < 0 ? null : word.slice(equals + 1) };
    // -n60, but not -name
    if (short && word.startsWith(short) && /^\d/.test(word.slice(short.length)))
      return { option, value: word.slice(short.length) };
  }
  return null;
}

const DASHES = '-–—';

function isMeantAsOption(word: string): boolean {
  const name = word.replace(/=.*$/s, '');
  return DASHES.includes(word.charAt(0)) || OPTIONS.some(({ flag }) => flag.slice(2).replaceAll('-', '_') === name);
}

/** What the kernel would answer to a word that is no option. */
export function unknownMessage(word: string): string {
  const written = word.replace(/=.*$/s, '');
  const bare = written.replace(/^[-–—]+|[-–—]+$/g, '').replaceAll('_', '-');
  const close = closeMatch(
    `--${bare}`.toLowerCase(),
    OPTIONS.map(({ flag }) => flag)
  );
  return `${written}: no such option; ${close ? `did you mean ${close}?` : '%%tune? lists the options'}`;
}
