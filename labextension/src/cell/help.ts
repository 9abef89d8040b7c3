/** What a word of a %%tune cell means: an option on its first line, a range or one of its arguments below. */
import { declarations, type Declaration } from './declarations';
import { magicLine } from './magic_line';
import { RANGES, spelling } from './reference';
import type { Span } from './python';

export interface Help extends Span {
  /** As it is written. */
  readonly title: string;
  readonly about: string;
  /** Name and meaning of each argument; the one that is asked for alone, or all. */
  readonly rows: readonly (readonly [string, string])[];
}

/** The help for the word at `offset`; null for a word that needs none. `declared`: the cell's declarations, if known. */
export function helpAt(
  text: string,
  offset: number,
  declared: readonly Declaration[] = declarations(text)
): Help | null {
  const line = magicLine(text);
  if (!line) return null;
  for (const part of line.parts) {
    if (part.role !== 'option' || offset < part.from || offset >= part.to) continue;
    const { option } = part;
    const rows = option.choices.length > 0 ? [[option.metavar, option.choices.join(', ')] as const] : [];
    return { from: part.from, to: part.to, title: spelling(option), about: option.help, rows };
  }
  for (const { kind, call } of declared) {
    if (offset < call.from || offset >= call.to) continue;
    const range = RANGES.find(({ name }) => name === kind);
    if (!range) return null;
    const opening = text.indexOf('(', call.from);
    const rows = range.arguments.map(({ names, help }) => [names.join(', '), help] as const);
    if (offset < opening) return { from: call.from, to: opening, title: range.signature, about: range.about, rows };
    const word = wordAt(text, offset);
    const argument = range.arguments.find(({ names }) => word && names.includes(word.text));
    if (!word || !argument || !/^\s*=(?!=)/.test(text.slice(word.to))) return null;
    return { from: word.from, to: word.to, title: `${word.text}=`, about: argument.help, rows: [] };
  }
  return null;
}

function wordAt(text: string, offset: number): (Span & { readonly text: string }) | null {
  const before = /\w*$/.exec(text.slice(0, offset))?.[0] ?? '';
  const after = /^\w*/.exec(text.slice(offset))?.[0] ?? '';
  const word = before + after;
  return word ? { from: offset - before.length, to: offset + after.length, text: word } : null;
}
