/** Where a logarithmic axis has its ticks, and what is written there: the same as Python's views/axes/ticks.py. */
import type { Cells } from './derived';
import { formatNumber } from '../params/format';

const FEWEST_TICKS = 3;
const MANTISSAS = [
  [1, 3],
  [1, 2, 5]
] as const;

/** Round values among the positive numbers, for a logarithmic axis: at least three; null where they span no range. */
export function logTicks(cells: Cells): number[] | null {
  const numbers = cells.filter(isPositive);
  const low = numbers.reduce((a, b) => Math.min(a, b), numbers[0] ?? 1);
  const high = numbers.reduce((a, b) => Math.max(a, b), numbers[0] ?? 1);
  if (high / low < 1 + 1e-6) return null;
  const [first, last] = [Math.floor(Math.log10(low)), Math.floor(Math.log10(high))];
  const [from, to] = [low * (1 - 1e-9), high * (1 + 1e-9)]; // binary fractions are a little off
  const ticks = (mantissas: readonly number[], exponents: readonly number[]): number[] =>
    exponents
      .flatMap(exponent => mantissas.map(mantissa => Number(`${mantissa}e${exponent}`)))
      .filter(value => from <= value && value <= to);
  const powers = Array.from({ length: last + 2 - first }, (_, at) => first + at); // a logarithm may be a little off, too
  for (let apart = Math.max(1, Math.floor((last - first) / 2)); apart > 0; apart--) {
    const found = ticks(
      [1],
      powers.filter(power => power % apart === 0)
    );
    if (found.length >= FEWEST_TICKS) return found;
  }
  for (const mantissas of MANTISSAS) {
    const found = ticks(mantissas, powers);
    if (found.length >= FEWEST_TICKS) return found;
  }
  for (let exponent = last; exponent > last - 8; exponent--) {
    for (const size of [5, 2, 1]) {
      const step = Number(`${size}e${exponent}`);
      const start = Math.ceil(from / step);
      const count = Math.floor(to / step) - start + 1;
      if (count >= FEWEST_TICKS) {
        return Array.from({ length: count }, (_, at) => Number(`${(start + at) * size}e${exponent}`));
      }
    }
  }
  return null;
}

/** What is written at the `logTicks`; with `room` characters along the whole axis, without what would touch the text before. */
export function logTexts(cells: Cells, room?: number): string[] | null {
  const values = logTicks(cells);
  const texts = values?.map(formatNumber) ?? null;
  if (!values || !texts || room === undefined) return texts;
  const numbers = cells.filter(isPositive).map(Math.log);
  const low = numbers.reduce((a, b) => Math.min(a, b));
  const high = numbers.reduce((a, b) => Math.max(a, b));
  let free = -Infinity;
  return texts.map((text, at) => {
    const middle = (room * (Math.log(values[at] ?? 1) - low)) / (high - low);
    const half = (text.length + 2) / 2;
    if (middle - half < free) return '';
    free = middle + half;
    return text;
  });
}

function isPositive(cell: unknown): cell is number {
  return typeof cell === 'number' && cell > 0;
}
