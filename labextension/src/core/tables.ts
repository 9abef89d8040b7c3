/**
 * The tables behind every view: plain columns, immutable, rows always in key order.
 *
 * Laws: trials are keyed by number, points by (number, step). A delta upserts: it replaces the cells it names, keeps the
 * rest, and adds rows it does not know. NaN and absent cells are null. Applying a delta never changes the old tables.
 */
import type { Cell, Column, Columns, Delta, Landscape, Snapshot, Status } from './protocol';

export type Rows = Readonly<Record<string, readonly Cell[]>>;

export interface Tables {
  readonly seq: number;
  readonly status: Status;
  readonly trials: Rows;
  readonly points: Rows;
  readonly landscape: Landscape | null;
}

const TRIAL_KEY = ['number'];
const POINT_KEY = ['number', 'step'];

export function fromSnapshot(snapshot: Snapshot, buffers: readonly ArrayBufferView[] = []): Tables {
  const { seq, status, landscape } = snapshot;
  const trials = merge({}, decode(snapshot.trials, buffers), TRIAL_KEY);
  const points = merge({}, decode(snapshot.points, buffers), POINT_KEY);
  return { seq, status, trials, points, landscape };
}

/** What to do with a delta, given the sequence number we are at. */
export function judge(delta: Delta, seq: number): 'apply' | 'ignore' | 'lost' {
  if (delta.seq <= seq) return 'ignore';
  return delta.base === seq ? 'apply' : 'lost';
}

export function applyDelta(tables: Tables, delta: Delta, buffers: readonly ArrayBufferView[] = []): Tables {
  const kept = delta.drop_points?.length ? withoutTrials(tables.points, new Set(delta.drop_points)) : tables.points;
  return {
    seq: delta.seq,
    status: delta.status,
    trials: delta.trials ? merge(tables.trials, decode(delta.trials, buffers), TRIAL_KEY) : tables.trials,
    points: delta.points ? merge(kept, decode(delta.points, buffers), POINT_KEY) : kept,
    landscape: delta.landscape === undefined ? tables.landscape : delta.landscape
  };
}

export function rowCount(rows: Rows): number {
  return rows.number?.length ?? 0;
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

/** Merges two tables by key in one pass over both; where the keys meet, the fresh cells win. */
function merge(old: Rows, fresh: Rows, key: readonly string[]): Rows {
  const oldOrder = order(old, key);
  const freshOrder = order(fresh, key);
  const sources: [number, number][] = []; // per result row: its row in old and in fresh, -1 where absent
  let i = 0;
  let j = 0;
  while (i < oldOrder.length || j < freshOrder.length) {
    const a = oldOrder[i] ?? -1;
    const b = freshOrder[j] ?? -1;
    const sign = a < 0 ? 1 : b < 0 ? -1 : compare(old, a, fresh, b, key);
    sources.push([sign <= 0 ? a : -1, sign >= 0 ? b : -1]);
    if (sign <= 0) i++;
    if (sign >= 0) j++;
  }
  const merged: Record<string, Cell[]> = {};
  for (const name of new Set([...Object.keys(old), ...Object.keys(fresh)])) {
    const before = old[name] ?? [];
    const after = fresh[name];
    merged[name] = sources.map(([a, b]) => (after && b >= 0 ? after[b] : before[a]) ?? null);
  }
  return merged;
}

/** Row indices in key order; of rows with one key, the last stays. */
function order(rows: Rows, key: readonly string[]): number[] {
  const indices = Array.from({ length: rowCount(rows) }, (_, row) => row);
  indices.sort((a, b) => compare(rows, a, rows, b, key) || a - b);
  return indices.filter((row, at) => {
    const next = indices[at + 1];
    return next === undefined || compare(rows, row, rows, next, key) !== 0;
  });
}

function compare(left: Rows, a: number, right: Rows, b: number, key: readonly string[]): number {
  for (const name of key) {
    const difference = Number(left[name]?.[a]) - Number(right[name]?.[b]);
    if (difference) return difference;
  }
  return 0;
}

function withoutTrials(rows: Rows, dropped: ReadonlySet<number>): Rows {
  const keep = (rows.number ?? []).map(number => !dropped.has(Number(number)));
  return Object.fromEntries(Object.entries(rows).map(([name, column]) => [name, column.filter((_, row) => keep[row])]));
}
