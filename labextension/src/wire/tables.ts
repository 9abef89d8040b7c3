/**
 * The tables behind every view: plain columns, immutable, rows always in key order.
 *
 * Laws: trials are keyed by number, points by (number, step), events by seq. A delta first drops, then upserts: it
 * replaces the cells it names, keeps the rest, and adds rows it does not know. NaN and absent cells are null. Applying a
 * delta never changes the old tables, and a column it does not touch keeps its identity. The work is that of the rows
 * that come, found by halving, and a copy of the columns they touch.
 */
import type { Cell, Column, Columns, Delta, Landscape, Snapshot, Status } from './protocol';

export type Rows = Readonly<Record<string, readonly Cell[]>>;

export interface Tables {
  readonly seq: number;
  readonly status: Status;
  readonly trials: Rows;
  readonly points: Rows;
  readonly events: Rows;
  readonly landscape: Landscape | null;
}

/** Of the columns of parameters. */
export const PARAMETER_PREFIX = 'p:';

type Key = readonly string[];
const TRIAL_KEY: Key = ['number'];
const POINT_KEY: Key = ['number', 'step'];
const EVENT_KEY: Key = ['seq'];

export function fromSnapshot(snapshot: Snapshot, buffers: readonly ArrayBufferView[] = []): Tables {
  const { seq, status, landscape } = snapshot;
  const table = (columns: Columns | undefined, key: Key): Rows => inOrder(decode(columns ?? {}, buffers), key);
  return {
    seq,
    status,
    trials: table(snapshot.trials, TRIAL_KEY),
    points: table(snapshot.points, POINT_KEY),
    events: table(snapshot.events, EVENT_KEY),
    landscape
  };
}

/** What to do with a delta, given the sequence number we are at. */
export function judge(delta: Delta, seq: number): 'apply' | 'ignore' | 'lost' {
  if (delta.seq <= seq) return 'ignore';
  return delta.base === seq ? 'apply' : 'lost';
}

export function applyDelta(tables: Tables, delta: Delta, buffers: readonly ArrayBufferView[] = []): Tables {
  const upserted = (rows: Rows, columns: Columns | undefined, key: Key): Rows =>
    columns ? merge(rows, inOrder(decode(columns, buffers), key), key) : rows;
  return {
    seq: delta.seq,
    status: delta.status,
    trials: upserted(withoutTrials(tables.trials, delta.drop_trials), delta.trials, TRIAL_KEY),
    points: upserted(withoutTrials(tables.points, delta.drop_points), delta.points, POINT_KEY),
    events: upserted(tables.events, delta.events, EVENT_KEY),
    landscape: delta.landscape === undefined ? tables.landscape : delta.landscape
  };
}

export function rowCount(rows: Rows): number {
  return (rows.number ?? rows.seq ?? []).length;
}

/** The row of the trial with this number, or -1. */
export function rowOfTrial(trials: Rows, number: number): number {
  const at = lowerBound(trials, { number: [number] }, 0, TRIAL_KEY);
  return trials.number?.[at] === number ? at : -1;
}

/** Whether the trial has the choice None for the parameter of this column: without it the trial lacks the parameter. */
export function isNone(trials: Rows, key: string, row: number): boolean {
  return key.startsWith(PARAMETER_PREFIX) && isNamed(trials.nones?.[row], key);
}

/** Whether the parameter of a column is among those that a cell of the column `nones` names, in a line each. */
export function isNamed(nones: Cell | undefined, key: string): boolean {
  return typeof nones === 'string' && nones.split('\n').includes(key.slice(PARAMETER_PREFIX.length));
}

/** Where the rows of a trial start and end among its points; where they would be, if there are none. */
export function rowsOfTrial(points: Rows, number: number): [start: number, end: number] {
  const firstFrom = (from: number): number => lowerBound(points, { number: [from] }, 0, TRIAL_KEY);
  return [firstFrom(number), firstFrom(number + 1)];
}

function decode(columns: Columns, buffers: readonly ArrayBufferView[]): Rows {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, cells(name, column, buffers)]));
}

function cells(name: string, column: Column, buffers: readonly ArrayBufferView[]): readonly Cell[] {
  if (ArrayBuffer.isView(column)) return float64(column);
  if ('buffer' in column) {
    const bytes = buffers[column.buffer];
    if (!bytes) throw new Error(`column ${name}: the message has no buffer ${column.buffer}`);
    return float64(bytes);
  }
  return column.map(cell => (typeof cell === 'number' && Number.isNaN(cell) ? null : cell));
}

function float64(bytes: ArrayBufferView): Cell[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Array<Cell>(Math.floor(bytes.byteLength / 8));
  for (let i = 0; i < values.length; i++) {
    const value = view.getFloat64(8 * i, true);
    values[i] = Number.isNaN(value) ? null : value;
  }
  return values;
}

/** Rows in key order; of rows with one key, the last stays. What is in order already comes back as it is. */
function inOrder(rows: Rows, key: Key): Rows {
  const count = rowCount(rows);
  let ordered = true;
  for (let row = 1; row < count && ordered; row++) ordered = compare(rows, row - 1, rows, row, key) < 0;
  if (ordered) return rows;
  const indices = Array.from({ length: count }, (_, row) => row);
  indices.sort((a, b) => compare(rows, a, rows, b, key) || a - b);
  const kept = indices.filter((row, at) => {
    const next = indices[at + 1];
    return next === undefined || compare(rows, row, rows, next, key) !== 0;
  });
  return mapColumns(rows, column => kept.map(row => column[row] ?? null));
}

/** The old rows with the fresh ones put over and between them; both are in key order. */
function merge(old: Rows, fresh: Rows, key: Key): Rows {
  const count = rowCount(old);
  const places = Array.from({ length: rowCount(fresh) }, (_, row) => lowerBound(old, fresh, row, key));
  const isNew = places.map((at, row) => at === count || compare(old, at, fresh, row, key) !== 0);
  const grows = isNew.some(Boolean);
  const merged: Record<string, readonly Cell[]> = {};
  for (const name of new Set([...Object.keys(old), ...Object.keys(fresh)])) {
    const before = old[name] ?? new Array<Cell>(count).fill(null);
    const after = fresh[name];
    merged[name] = grows ? spliced(before, after, places, isNew) : after ? overlaid(before, after, places) : before;
  }
  return merged;
}

function overlaid(before: readonly Cell[], after: readonly Cell[], places: readonly number[]): Cell[] {
  const column = before.slice();
  places.forEach((at, row) => {
    column[at] = after[row] ?? null;
  });
  return column;
}

function spliced(
  before: readonly Cell[],
  after: readonly Cell[] | undefined,
  places: readonly number[],
  isNew: readonly boolean[]
): Cell[] {
  const column: Cell[] = [];
  let from = 0;
  const copyTo = (end: number): void => {
    for (; from < end; from++) column.push(before[from] ?? null);
  };
  places.forEach((at, row) => {
    copyTo(at);
    column.push((after ? after[row] : isNew[row] ? null : before[at]) ?? null);
    if (!isNew[row]) from = at + 1;
  });
  copyTo(before.length);
  return column;
}

/** The first row of `rows` that is not before row `at` of `other`. */
function lowerBound(rows: Rows, other: Rows, at: number, key: Key): number {
  let low = 0;
  let high = rowCount(rows);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(rows, middle, other, at, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compare(left: Rows, a: number, right: Rows, b: number, key: Key): number {
  for (const name of key) {
    const difference = Number(left[name]?.[a]) - Number(right[name]?.[b]);
    if (difference) return difference;
  }
  return 0;
}

function withoutTrials(rows: Rows, numbers: readonly number[] | undefined): Rows {
  if (!numbers?.length) return rows;
  const dropped = new Set<Cell>(numbers);
  const keep = (rows.number ?? []).map(number => !dropped.has(number));
  return mapColumns(rows, column => column.filter((_, row) => keep[row]));
}

function mapColumns(rows: Rows, change: (column: readonly Cell[]) => readonly Cell[]): Rows {
  return Object.fromEntries(Object.entries(rows).map(([name, column]) => [name, change(column)]));
}
