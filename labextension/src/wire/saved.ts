/**
 * A dashboard as a notebook keeps it: what the kernel would have sent, in plain JSON. It comes from a file that anyone
 * may have written, so its shape is looked at before it is shown; nothing in it is ever run.
 */
import { hasEnded, type Parameter, type Snapshot, type Status, type Templates, type Ways } from './protocol';
import type { Absence, Kernel, Store, Way } from './store';
import type { Rows } from './tables';

export const SAVED_MIME = 'application/vnd.jupyter-tune.dashboard+json';
const VERSION = 1;

/** Points of all curves together; more could not be told apart on a chart. */
const MOST_POINTS = 8000;
const DIGITS = 6;

interface Saved {
  readonly version: number;
  readonly parameters: readonly Parameter[];
  readonly templates: Templates;
  readonly tables: Snapshot;
  readonly ways?: Ways;
  /** When it was saved, in unix seconds. */
  readonly saved_at?: number;
  /** The id of the widget that shows the study while the kernel lives. */
  readonly model?: string;
}

/** What the dashboard shows now, for the notebook. */
export function savedFrom(store: Store): Saved {
  const { seq, trials, points, events, landscape } = store.tables;
  const status = { ...store.tables.status, elapsed_s: store.elapsed_s };
  return {
    version: VERSION,
    parameters: store.parameters,
    templates: store.templates,
    tables: { seq, status, trials, points: thinned(points), events, landscape }
  };
}

/** The id of the widget, or null for what names none. */
export function modelOf(data: unknown): string | null {
  const model = typeof data === 'object' && data !== null ? (data as { model?: unknown }).model : null;
  return typeof model === 'string' && model !== '' ? model : null;
}

/**
 * A kernel that hears nothing and never changes. Raises an error in words for what is no saved dashboard.
 *
 * @param bring Runs the lines that show the study or go on with it, where something can.
 */
export function savedKernel(data: unknown, absence: Absence = 'gone', bring?: (way: Way) => Promise<void>): Kernel {
  const saved = checked(data);
  const { tables: kept } = saved;
  const tables = absence === 'gone' ? { ...kept, status: withoutKernel(kept.status) } : kept;
  return {
    saved: true,
    savedAt: typeof saved.saved_at === 'number' ? saved.saved_at : null,
    absence,
    ranWhenSaved: !hasEnded(kept.status.state),
    ...(bring && { bring }),
    ways: () => waysOf(saved.ways),
    parameters: () => saved.parameters,
    templates: () => saved.templates,
    snapshot: () => tables,
    send: () => undefined,
    listen: () => () => undefined
  };
}

/** A study that had not ended cannot go on without the kernel that ran it. */
export function withoutKernel(status: Status): Status {
  if (hasEnded(status.state)) return status;
  return { ...status, state: 'interrupted', eta_s: null, reason: 'the kernel that ran this study has ended' };
}

function waysOf(ways: unknown): Ways {
  const given = typeof ways === 'object' && ways !== null ? (ways as Record<string, unknown>) : {};
  return Object.fromEntries(Object.entries(given).filter(([, line]) => typeof line === 'string'));
}

/** Every k-th point of each curve and its last, with the k that leaves few enough; values with the digits that show. */
function thinned(points: Rows): Rows {
  const { number = [], step = [], value = [] } = points;
  const stride = Math.ceil(number.length / MOST_POINTS);
  const rows: number[] = [];
  let place = 0;
  number.forEach((trial, row) => {
    place = row > 0 && number[row - 1] === trial ? place + 1 : 0;
    if (place % stride === 0 || number[row + 1] !== trial) rows.push(row);
  });
  const rounded = rows.map(row => {
    const cell = value[row] ?? null;
    return typeof cell === 'number' ? Number(cell.toPrecision(DIGITS)) : cell;
  });
  return {
    number: rows.map(row => number[row] ?? null),
    step: rows.map(row => step[row] ?? null),
    value: rounded
  };
}

function checked(data: unknown): Saved {
  const { version, parameters, templates, tables } = fields(data, 'dashboard');
  if (version !== VERSION) {
    throw new Error(
      `This dashboard was saved in format ${String(version)}, and this version reads ${VERSION}: ` +
        'install the jupyter_tune that wrote it.'
    );
  }
  if (!Array.isArray(parameters)) throw new Error('The saved dashboard is broken: parameters are no list.');
  fields(templates, 'templates');
  const { status, trials, points } = fields(tables, 'tables');
  fields(trials, 'tables.trials');
  fields(points, 'tables.points');
  const { counts, ranges } = fields(status, 'tables.status');
  fields(counts, 'tables.status.counts');
  fields(ranges, 'tables.status.ranges');
  return data as Saved;
}

function fields(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error(`The saved dashboard is broken: ${name} is no object.`);
}
