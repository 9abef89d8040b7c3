/**
 * A dashboard as a notebook keeps it: what the kernel would have sent, in plain JSON. It comes from a file that anybody
 * may have written, so its shape is looked at before it is shown; nothing in it is ever run.
 */
import type { Parameter, Snapshot, Templates } from './protocol';
import type { Kernel } from './store';
import { PARAMETER_PREFIX } from './trial_columns';

export const SAVED_MIME = 'application/vnd.jupyter-tune.dashboard+json';
const VERSION = 1;

interface Saved {
  readonly version: number;
  readonly parameters: readonly Parameter[];
  readonly templates: Templates;
  readonly tables: Snapshot;
}

/** A kernel that hears nothing and never changes. Raises an error in words for what is no saved dashboard. */
export function savedKernel(data: unknown): Kernel {
  const saved = checked(data);
  const tables = inDeclaredOrder(saved);
  return {
    saved: true,
    parameters: () => saved.parameters,
    templates: () => saved.templates,
    snapshot: () => tables,
    send: () => undefined,
    listen: () => () => undefined
  };
}

/** Notebooks are written with their keys sorted; parameters are shown in the order they were declared in. */
function inDeclaredOrder({ parameters, tables }: Saved): Snapshot {
  const names = parameters.map(({ name }) => name);
  const columns = names.map(name => PARAMETER_PREFIX + name);
  const { best } = tables.status;
  const status = { ...tables.status, best: best && { ...best, params: ordered(best.params, names) } };
  return { ...tables, status, trials: ordered(tables.trials, columns) };
}

/** `record` with these keys first, in this order. */
function ordered<T>(record: Readonly<Record<string, T>>, keys: readonly string[]): Record<string, T> {
  const places = new Map(keys.map((key, place) => [key, place]));
  const place = ([key]: readonly [string, T]): number => places.get(key) ?? keys.length;
  return Object.fromEntries(Object.entries(record).sort((a, b) => place(a) - place(b)));
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
