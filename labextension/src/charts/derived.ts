/**
 * What templates make of columns: texts, ranges, ranks, places on axes, polylines. Pure functions of arrays, the same as
 * Python's views/charts/derived.py, where they are described.
 */
import { choiceName, formatValue } from '../params/format';
import type { Axis, Cell } from '../wire/protocol';

/** A cell of a parameter is undefined where its trial does not have that parameter: null may be a choice. */
export type Cells = readonly (Cell | undefined)[];
export type Word = (cell: unknown) => unknown;

/** [least, greatest] of the numbers, widened where they are one; [0, 1] of none. */
export function rangeOf(cells: Cells): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const cell of cells) {
    if (typeof cell === 'number') [low, high] = [Math.min(low, cell), Math.max(high, cell)];
  }
  if (low > high) return [0, 1];
  const room = low < high ? 0 : Math.abs(low) / 2 || 0.5;
  return [Math.max(low - room, -Number.MAX_VALUE), Math.min(high + room, Number.MAX_VALUE)];
}

/** See Python's: before any is beyond the axis, how far the farthest may be, and what is flat. */
const [FEWEST, REACH, FLAT, PAD] = [5, 3, 4, 0.05];

/** [low, high] of an axis that a few bad values would flatten, without these; null if all are to be seen. */
export function spanOf(cells: Cells, maximize: boolean): [number, number] | null {
  const numbers = cells.filter(isNumber).map(cell => cell / 4); // so that no distance overflows
  if (numbers.length <= FEWEST) return null;
  const best = numbers.reduce((a, b) => (a > b === maximize ? a : b));
  const away = Float64Array.from(
    numbers.filter(number => number !== best).map(number => Math.abs(number - best))
  ).sort();
  const count = away.length;
  if (count < FEWEST) return null;
  let limit = Infinity;
  for (let near = (count + 1) >> 1; near <= count; near++) {
    const share = count / near;
    limit = Math.min(limit, REACH * (share * share * share) * (away[near - 1] ?? 0));
  }
  const shown = away.reduce((most, distance) => (distance <= limit ? distance : most), 0);
  if ((away[count - 1] ?? 0) <= FLAT * shown) return null;
  const pad = PAD * shown;
  return maximize ? fourfold(best - shown - pad, best + pad) : fourfold(best - pad, best + shown + pad);
}

/** The ends of an axis from a quarter of them, as numbers that are no infinities. */
function fourfold(low: number, high: number): [number, number] {
  const end = (quarter: number): number => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, 4 * quarter));
  return [end(low), end(high)];
}

/** See Python's: when an axis is long beside the best trials on it, and how much of it is shown then. */
const [SHARE, ROOM] = [5, 2];

/** [low, high] of an axis on which the values `around` can be told apart; null if all cells are to be seen. */
export function spanAround(cells: Cells, around: Cells, maximize: boolean): [number, number] | null {
  const loss = (cell: number): number => (maximize ? -cell : cell) / 4;
  const losses = Float64Array.from(cells.filter(isNumber).map(loss)).sort();
  const kept = around.filter(isNumber).map(loss);
  if (new Set(kept).size < 2) return null;
  const [best = 0, last = 0] = [losses[0], losses.at(-1)];
  const farthest = kept.reduce((a, b) => Math.max(a, b));
  const reach = farthest - kept.reduce((a, b) => Math.min(a, b));
  const limit = Math.max(farthest + ROOM * reach, losses[(losses.length - 1) >> 1] ?? 0);
  const shown = losses.reduce((most, each) => (each <= limit ? each : most), best) - best;
  if (last - best <= Math.max(SHARE * reach, shown)) return null;
  const pad = PAD * shown;
  const [near, far] = [best - pad, best + shown + pad];
  return maximize ? fourfold(-far, -near) : fourfold(near, far);
}

/** The cells beside the values that lie beyond the span; none without it. */
export function outside(cells: readonly unknown[], values: Cells, span: unknown): unknown[] {
  return beyond(values, span).map(([row]) => cells[row]);
}

/** For each value that lies beyond the span, the end beyond which it does. */
export function edges(values: Cells, span: unknown): number[] {
  return beyond(values, span).map(([, edge]) => edge);
}

/** The values, those that lie beyond the span at its end. */
export function clamped(values: Cells, span: unknown): Cells {
  if (!Array.isArray(span)) return values;
  const [low, high] = span as [number, number];
  return values.map(value => (isNumber(value) ? Math.max(low, Math.min(high, value)) : null));
}

function beyond(values: Cells, span: unknown): [row: number, edge: number][] {
  if (!Array.isArray(span)) return [];
  const [low, high] = span as [number, number];
  return values.flatMap((value, row): [number, number][] =>
    isNumber(value) && (value < low || value > high) ? [[row, value < low ? low : high]] : []
  );
}

/** For each number the share of the numbers that are not greater. */
export function ranks(cells: Cells): Cell[] {
  const order = cells.filter(isNumber).sort((a, b) => a - b);
  const place = new Map(order.map((number, at) => [number, at + 1])); // of equals the last place counts
  return cells.map(cell => (isNumber(cell) ? (place.get(cell) ?? 0) / order.length : null));
}

/** The cells in the rising order of the numbers beside them, without those that have none. */
export function inOrder(cells: readonly unknown[], by: Cells): unknown[] {
  const length = Math.min(cells.length, by.length);
  const rows = Array.from({ length }, (_, row) => row).filter(row => isNumber(by[row]));
  rows.sort((a, b) => Number(by[a]) - Number(by[b]) || a - b);
  return rows.map(row => cells[row]);
}

/** End minus start, null where either is no number. */
export function differences(ends: Cells, starts: Cells): Cell[] {
  const length = Math.min(ends.length, starts.length);
  return Array.from({ length }, (_, row) => {
    const [end, start] = [ends[row], starts[row]];
    return isNumber(end) && isNumber(start) ? end - start : null;
  });
}

/** Where a value stands on an axis, from 0 to 1; null where it has no place. */
export function place(cell: Cell | undefined, axis: Axis): number | null {
  if (axis.choices) {
    const at = cell === undefined ? -1 : axis.choices.indexOf(cell);
    return at < 0 ? null : rounded((at + 0.5) / axis.choices.length);
  }
  if (!isNumber(cell)) return null;
  const [value, low, high] = [cell, axis.low ?? 0, axis.high ?? 1].map(number => scaled(number, axis.scale));
  if (!isNumber(value) || !isNumber(low) || !isNumber(high)) return null;
  const half = Number.isFinite(high - low) ? 1 : 0.5; // the ends of what numbers there are lie further apart than that
  return low === high ? 0.5 : rounded((value * half - low * half) / (high * half - low * half));
}

/** The value itself where it is on the axis: a choice as Python names it, so that None is a word. */
export function valueOn(cell: Cell | undefined, axis: Axis): Cell {
  if (cell === undefined) return null;
  return axis.choices?.includes(cell) ? choiceName(cell) : cell;
}

/**
 * For each of `count` trials "name: value" of the params that are not absent, in lines of markup; then the first of its
 * texts in the columns `why`, in lines of LINE characters.
 */
export function hover(
  params: readonly (readonly [string, Cells])[],
  count: number,
  word: Word,
  why: readonly Cells[] = []
): string[] {
  return Array.from({ length: count }, (_, row) => {
    const reason = why.map(cells => String(cells[row] ?? '')).find(text => text !== '') ?? '';
    return [
      ...params
        .filter(([, cells]) => cells[row] !== undefined)
        .map(([name, cells]) => `${String(word(name))}: ${String(word(formatValue(cells[row] ?? null)))}`),
      ...wrapped(reason).map(line => String(word(line)))
    ].join('<br>');
  });
}

/**
 * For each row "name: value" of its cells, in lines of markup; None is a value. With grid of two columns each pair of
 * their cells: rows follow the second, columns the first.
 */
export function told(columns: readonly (readonly [string, Cells])[], word: Word, grid: boolean): unknown[] {
  const lines = columns.map(([name, cells]) =>
    cells.map(cell => `${String(word(name))}: ${String(word(formatValue(cell ?? null)))}`)
  );
  const [across = [], down = []] = lines;
  if (grid) return down.map(below => across.map(text => `${text}<br>${below}`));
  const length = Math.min(...lines.map(column => column.length));
  return Array.from({ length }, (_, row) => lines.map(column => column[row]).join('<br>'));
}

const LINE = 60;

/** The words of the text in lines; a word that is longer than a line has one of its own. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const piece of text.split(/\s+/).filter(word => word !== '')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + piece.length <= LINE) lines[lines.length - 1] = `${last} ${piece}`;
    else lines.push(piece);
  }
  return lines;
}

/** Polylines of trials over several axes; `rows` has the columns number, value and those of the axes. */
export class Parallel {
  private readonly axes: readonly Axis[];
  private readonly worstFirst: readonly number[];

  constructor(
    private readonly trials: Readonly<Record<string, Cells>>,
    axes: readonly Axis[],
    private readonly maximize: boolean
  ) {
    const { number = [], value = [] } = trials;
    const sign = maximize ? 1 : -1;
    this.worstFirst = Array.from(number, (_, row) => row)
      .filter(row => isNumber(value[row]))
      .sort((a, b) => sign * (Number(value[a]) - Number(value[b])) || Number(number[a]) - Number(number[b]));
    this.axes = axes.map(axis => (axis.low !== undefined || axis.choices ? axis : this.spanned(axis)));
  }

  /** The rows of one band, or of the trial of one number, or all; from the worst to the best. */
  rows(band: readonly number[] | null, only: number | null): readonly number[] {
    if (only !== null) return this.worstFirst.filter(row => this.trials.number?.[row] === only);
    if (!band) return this.worstFirst;
    const [which, bands = 1] = band;
    return this.worstFirst.filter((_, at) => Math.floor((at * bands) / this.worstFirst.length) === which);
  }

  /** Args: values: not where they are drawn, but the names of the axes and the trials' values. */
  cells(cell: string, rows: readonly number[], values = false): Cell[] {
    const cells: Cell[] = [];
    for (const row of rows) {
      if (cells.length > 0) cells.push(null);
      // an axis where the trial has no place is passed over, not a gap in its line
      this.axes.forEach((axis, index) => {
        const value = this.trials[axis.column ?? '']?.[row];
        const y = place(value, axis);
        if (y === null) return;
        if (cell === 'number') cells.push(this.trials.number?.[row] ?? null);
        else if (cell === 'x') cells.push(values ? (axis.column ?? '').replace(/^p:/, '') : index);
        else cells.push(values ? valueOn(value, axis) : Math.min(1, Math.max(0, y)));
      });
    }
    return cells;
  }

  private spanned(axis: Axis): Axis {
    const column = this.trials[axis.column ?? ''] ?? [];
    const cells = this.worstFirst.map(row => column[row] ?? null);
    const [low, high] = spanOf(cells, this.maximize) ?? rangeOf(cells);
    return { ...axis, low, high };
  }
}

function isNumber(cell: unknown): cell is number {
  return typeof cell === 'number';
}

function scaled(value: number, scale: Axis['scale']): number | null {
  if (scale === 'log') return value > 0 ? Math.log(value) : null;
  if (scale === 'reverse_log') return value < 1 ? -Math.log1p(-value) : null;
  return value;
}

function rounded(share: number): number {
  return Math.floor(share * 1e6 + 0.5) / 1e6;
}
