/** The text that runs a %%tune cell once with its defaults. */
import { magicLine } from './magic_line';

/** The cell's text with `--once`; null for a cell that is not tuned. */
export function onceText(text: string): string | null {
  const line = magicLine(text);
  if (!line) return null;
  if (line.parts.some(part => part.role === 'option' && part.option.flag === '--once')) return text;
  // in front, so that no open option takes it as its value
  return `${text.slice(0, line.from)} --once${text.slice(line.from)}`;
}
