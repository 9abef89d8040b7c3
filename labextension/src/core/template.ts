/**
 * Fills a chart template from the tables. A template is a Plotly figure in which any object with one of these keys is a
 * reference, at any depth of data and layout:
 *
 *   {"$column": "trials.value", "state": ["complete"]?}             the column, rows in number order, of those states
 *   {"$column": "points.step", "state": [...]?, "gap": true?}       points in (number, step) order, by their trial's
 *                                                                   state; with gap a null between two trials
 *   {"$landscape": "mean"}                                          dotted path; null where there is none;
 *                                                                   best.x and best.y come as arrays of 0 or 1 cells
 *   {"$status": "metric"}                                           dotted path; null where there is none
 *
 * Python fills the same templates by the same rules: test/fixtures/fill_cases.json is run by both test suites.
 */
import type { Cell } from './protocol';
import type { Rows, Tables } from './tables';

type Fields = Readonly<Record<string, unknown>>;

export function fill(template: unknown, tables: Tables): unknown {
  if (Array.isArray(template)) return template.map(item => fill(item, tables));
  if (!isFields(template)) return template;
  if (typeof template.$column === 'string') return column(template.$column, template, tables);
  if (typeof template.$landscape === 'string') return landscape(template.$landscape, tables);
  if (typeof template.$status === 'string') return at(tables.status, template.$status);
  return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, fill(value, tables)]));
}

function column(path: string, reference: Fields, tables: Tables): Cell[] {
  const dot = path.indexOf('.');
  const table = path.slice(0, dot);
  const name = path.slice(dot + 1);
  const states = Array.isArray(reference.state) ? new Set<unknown>(reference.state) : null;
  if (table === 'trials') return pick(tables.trials, name, states && keepTrials(tables.trials, states));
  if (table === 'points') {
    const keep = states && keepPoints(tables, states);
    return reference.gap === true ? pickWithGaps(tables.points, name, keep) : pick(tables.points, name, keep);
  }
  throw new Error(`chart template: no table for column ${path}`);
}

function keepTrials(trials: Rows, states: ReadonlySet<unknown>): boolean[] {
  return (trials.state ?? []).map(state => states.has(state));
}

function keepPoints(tables: Tables, states: ReadonlySet<unknown>): boolean[] {
  const numbers = tables.trials.number ?? [];
  const shown = new Set(numbers.filter((_, row) => states.has(tables.trials.state?.[row])));
  return (tables.points.number ?? []).map(number => shown.has(number));
}

function pick(rows: Rows, name: string, keep: readonly boolean[] | null): Cell[] {
  const cells = rows[name] ?? [];
  return keep ? cells.filter((_, row) => keep[row]) : [...cells];
}

function pickWithGaps(rows: Rows, name: string, keep: readonly boolean[] | null): Cell[] {
  const numbers = rows.number ?? [];
  const result: Cell[] = [];
  let previous: Cell | undefined;
  numbers.forEach((number, row) => {
    if (keep && !keep[row]) return;
    if (previous !== undefined && previous !== number) result.push(null);
    result.push(rows[name]?.[row] ?? null);
    previous = number;
  });
  return result;
}

function landscape(path: string, tables: Tables): unknown {
  const value = tables.landscape && at(tables.landscape, path);
  if (path.startsWith('best.')) return value === null ? [] : [value];
  return value;
}

function at(root: unknown, path: string): unknown {
  let value = root;
  for (const key of path.split('.')) value = isFields(value) ? value[key] : undefined;
  return value ?? null;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
