/** Finds what %%tune gives meaning to in a cell's text: the magic, its options, and each declared range. */
import { declarations, magicLength, type Declaration } from './declarations';

export interface Mark {
  readonly kind: 'magic' | 'option' | 'name' | 'range';
  readonly from: number;
  readonly to: number;
}

/** The marks in the order of the text. `declared` are its declarations, where they are known. */
export function scan(text: string, declared: readonly Declaration[] = declarations(text)): Mark[] {
  const length = magicLength(text);
  if (length === null) return [];
  const marks: Mark[] = [{ kind: 'magic', from: 0, to: '%%tune'.length }];
  for (const option of text.slice(0, length).matchAll(/(?<=\s)(?:--[a-z][a-z-]*|-[a-zA-Z])(?=[\s=]|$)/g)) {
    marks.push({ kind: 'option', from: option.index, to: option.index + option[0].length });
  }
  for (const { nameAt, call } of declared) marks.push({ kind: 'name', ...nameAt }, { kind: 'range', ...call });
  return marks;
}
