/**
 * Fills a chart template from the tables. A template is a Plotly figure in which any object with one of these keys is a
 * reference, at any depth of data and layout:
 *
 *   {"$column": "trials.value", "state": ["complete"]?}             the column, rows in number order, of those states
 *   {"$column": "points.step", "state": [...]?, "gap": true?}       points in (number, step) order, by their trial's
 *                                                                   state; with gap a null between two trials
 *   {"$events": "text"}                                             a column of events
 *   {"$landscape": "mean"}                                          dotted path; null where there is none;
 *                                                                   best.x and best.y come as arrays of 0 or 1 cells
 *   {"$status": "metric"}                                           dotted path; null where there is none
 *   {"$case": PATH, WORD: THEN, …}                                  what stands under the word at the path
 *   {"$join": [PART, …]}                                            one text of texts and references
 *   {"$range" | "$ranks" | "$sorted" | "$span" | "$outside" | "$edge" | "$clamp" | "$volumes" | "$hover" | "$parallel" | "$told" | "$logticks" | "$logtexts": …}
 *                                                                   what is made of columns: see derived.ts
 *
 * Python fills the same templates by the same rules and describes every option (views/charts/template.py):
 * test/fixtures/fill_cases.json is run by both test suites.
 */
import {
  clamped,
  differences,
  edges,
  hover,
  inOrder,
  outside,
  Parallel,
  place,
  rangeOf,
  ranks,
  spanAround,
  spanOf,
  told,
  valueOn
} from './derived';
import type { Cells, Word } from './derived';
import type { Axis, Cell } from '../wire/protocol';
import { isNamed, PARAMETER_PREFIX, type Rows, type Tables } from '../wire/tables';
import { logTexts, logTicks } from './ticks';
import { volumes } from './volumes';

export type Fields = Readonly<Record<string, unknown>>;

/** A chart: a template, or what it becomes when it is filled. */
export interface Figure {
  readonly data: readonly unknown[];
  readonly layout: Fields;
}

const LOOKED_UP = ['$column', '$events', '$landscape', '$status', '$parallel', '$hover', '$case'] as const;

/** The template with every reference replaced; `word` is given each cell and word of the data on its way in. */
export function fill(template: unknown, tables: Tables, word: Word = cell => cell): unknown {
  if (Array.isArray(template)) return template.map(item => fill(item, tables, word));
  if (!isFields(template)) return template;
  if (Array.isArray(template.$hover)) return hovers(template.$hover as string[], template, tables, word);
  if (typeof template.$case === 'string') {
    return fill(template[String(at(tables, template.$case))] ?? null, tables, word);
  }
  if (Array.isArray(template.$join)) {
    return template.$join
      .map(part => fill(part, tables, word) ?? '')
      .map(String)
      .join('');
  }
  if (Array.isArray(template.$told)) {
    const columns = (template.$told as [unknown, unknown][]).map(
      ([name, cells]) => [(fill(name, tables) ?? '') as string, cellsOf(cells, tables)] as const
    );
    return told(columns, word, template.grid === true);
  }
  if (isLookedUp(template)) return each(lookUp(template, tables), word);
  if ('$range' in template) {
    const span = template.trimmed === true ? spanIn(tables, template.$range, template) : null;
    const ends = span ?? rangeOf(cellsOf(template.$range, tables));
    return 'end' in template ? ends[template.end === 0 ? 0 : 1] : ends;
  }
  if ('$span' in template) return spanIn(tables, template.$span, template);
  if ('$clamp' in template) return clamped(cellsOf(template.$clamp, tables), fill(template.span, tables));
  if (Array.isArray(template.$volumes)) {
    const columns = template.$volumes.map(of => cellsOf(of, tables));
    const { maximize, reference } = template as { maximize: readonly boolean[]; reference?: readonly number[] };
    return volumes(columns, maximize, cellsOf(template.of, tables), reference);
  }
  if ('$outside' in template) {
    const cells = fill(template.$outside, tables, word);
    return outside(Array.isArray(cells) ? cells : [], cellsOf(template.of, tables), fill(template.span, tables));
  }
  if ('$edge' in template) return edges(cellsOf(template.$edge, tables), fill(template.span, tables));
  if ('$logticks' in template) return logTicks(cellsOf(template.$logticks, tables));
  if ('$logtexts' in template) {
    const { room } = template;
    return logTexts(cellsOf(template.$logtexts, tables), typeof room === 'number' ? room : undefined);
  }
  if ('$ranks' in template) return ranks(cellsOf(template.$ranks, tables));
  if ('$sorted' in template) {
    const cells = fill(template.$sorted, tables, word);
    return inOrder(Array.isArray(cells) ? cells : [], cellsOf(template.by ?? template.$sorted, tables));
  }
  return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, fill(value, tables, word)]));
}

/** What the template shows of the tables: it need not be filled again while these are the same. */
export function inputsOf(template: unknown, tables: Tables): unknown[] {
  const inputs = new Set<unknown>();
  const walk = (part: unknown): void => {
    if (Array.isArray(part)) part.forEach(walk);
    else if (isFields(part)) {
      if (isLookedUp(part)) for (const input of inputsOfReference(part, tables)) inputs.add(input);
      Object.values(part).forEach(walk);
    }
  };
  walk(template);
  return [...inputs];
}

function isLookedUp(template: Fields): boolean {
  return LOOKED_UP.some(key => key in template);
}

function inputsOfReference(reference: Fields, tables: Tables): unknown[] {
  const inputs = ['until', 'every', 'only'].map(option => {
    const path = reference[option];
    return typeof path === 'string' && path.startsWith('status.')
      ? `${path} ${JSON.stringify(at(tables, path))}`
      : null;
  });
  if (typeof reference.$landscape === 'string') return [tables.landscape, ...inputs];
  if (typeof reference.$events === 'string') return [tables.events];
  if (typeof reference.$status === 'string') {
    return [`${reference.$status} ${JSON.stringify(at(tables.status, reference.$status))}`];
  }
  if (typeof reference.$case === 'string') {
    return [`${reference.$case} ${JSON.stringify(at(tables, reference.$case))}`];
  }
  const points = typeof reference.$column === 'string' && reference.$column.startsWith('points.');
  return [tables.trials, ...(points ? [tables.points] : []), ...inputs];
}

/** Of each state of the tables, by reference: an axis and every mark beyond it ask for the same span. */
const spans = new WeakMap<Tables, Map<string, ReturnType<typeof spanOf>>>();

function spanIn(tables: Tables, of: unknown, options: Fields): ReturnType<typeof spanOf> {
  const maximize = (options.maximize ?? tables.status.direction === 'maximize') === true;
  const known = spans.get(tables) ?? new Map<string, ReturnType<typeof spanOf>>();
  spans.set(tables, known);
  const { around } = options;
  const key = JSON.stringify([of, maximize, around]);
  const found = known.get(key);
  if (found !== undefined) return found;
  const cells = cellsOf(of, tables);
  const span = around === undefined ? spanOf(cells, maximize) : spanAround(cells, cellsOf(around, tables), maximize);
  known.set(key, span);
  return span;
}

function each(value: unknown, word: Word): unknown {
  return Array.isArray(value) ? value.map(item => each(item, word)) : word(value);
}

function cellsOf(template: unknown, tables: Tables): Cells {
  const cells = fill(template, tables);
  return Array.isArray(cells) ? (cells as Cells) : [];
}

function lookUp(reference: Fields, tables: Tables): unknown {
  if (typeof reference.$column === 'string') return column(reference.$column, reference, tables);
  if (typeof reference.$events === 'string') return tables.events[reference.$events] ?? [];
  if (typeof reference.$landscape === 'string') {
    const value = until(landscape(reference.$landscape, tables), reference.until, null, tables);
    return placed(value, axisOf(reference, tables), reference);
  }
  if (typeof reference.$status === 'string') return at(tables.status, reference.$status);
  if (typeof reference.$parallel === 'string') return parallel(reference.$parallel, reference, tables);
  throw new Error(`chart template: a reference is a path, got ${JSON.stringify(reference)}`);
}

function column(path: string, options: Fields, tables: Tables): Cells {
  const dot = path.indexOf('.');
  const table = path.slice(0, dot);
  const name = path.slice(dot + 1);
  if (table === 'trials') {
    const keep = trialsKept(options, tables);
    const axis = axisOf(options, tables);
    const cells = (axis ? own : pick)(tables.trials, name, keep);
    return placed(until(cells, options.until, keep, tables), axis, options) as Cells;
  }
  if (table === 'points') {
    const states = statesOf(options);
    const keep = states && keepPoints(tables, states);
    return options.gap === true ? pickWithGaps(tables.points, name, keep) : pick(tables.points, name, keep);
  }
  throw new Error(`chart template: no table for column ${path}`);
}

function statesOf(options: Fields): ReadonlySet<unknown> | null {
  return Array.isArray(options.state) ? new Set<unknown>(options.state) : null;
}

/** Which trials the options "state", "standing" and "every" leave; null for all. */
function trialsKept(options: Fields, tables: Tables): readonly boolean[] | null {
  const { number = [], state = [], standing = [] } = tables.trials;
  const states = statesOf(options);
  const standings = Array.isArray(options.standing) ? new Set<unknown>(options.standing) : null;
  const every = typeof options.every === 'string' ? Number(at(tables, options.every)) : 0;
  if (!states && !standings && !every) return null;
  return number.map(
    (cell, row) =>
      (!states || states.has(state[row])) &&
      (!standings || standings.has(standing[row])) &&
      (!every || Number(cell) % every === 0)
  );
}

function keepPoints(tables: Tables, states: ReadonlySet<unknown>): boolean[] {
  const numbers = tables.trials.number ?? [];
  const shown = new Set(numbers.filter((_, row) => states.has(tables.trials.state?.[row])));
  return (tables.points.number ?? []).map(number => shown.has(number));
}

function until(cells: unknown, path: unknown, keep: readonly boolean[] | null, tables: Tables): unknown {
  if (typeof path !== 'string' || !Array.isArray(cells)) return cells;
  const starts = cells as Cells;
  const end = path.startsWith('trials.') ? pick(tables.trials, path.slice('trials.'.length), keep) : at(tables, path);
  return differences(Array.isArray(end) ? (end as Cells) : starts.map(() => end as Cell), starts);
}

/** The axis of the option "on"; null where the cells themselves are drawn. */
function axisOf({ on }: Fields, tables: Tables): Axis | null {
  const axis = typeof on === 'string' ? at(tables, on) : on;
  return isFields(axis) ? axis : null;
}

/** The places of the cells on the axis; with "values" (see asValues) the values in words. */
function placed(cells: unknown, axis: Axis | null, { values }: Fields): unknown {
  if (!axis || !Array.isArray(cells)) return cells;
  return (cells as Cells).map(cell => (values === true ? valueOn(cell, axis) : place(cell, axis)));
}

/** The template of a chart's data in place of the chart: with values where it draws their places. */
export function asValues(template: unknown): unknown {
  if (Array.isArray(template)) return template.map(asValues);
  if (!isFields(template)) return template;
  const parts = Object.fromEntries(Object.entries(template).map(([key, part]) => [key, asValues(part)]));
  return 'on' in template || '$parallel' in template ? { ...parts, values: true } : parts;
}

/** What says why a trial ended, or that it does not count: the first that does is shown. */
const WHY = ['error', 'reason', 'violates', 'spread'] as const;

function hovers(names: readonly string[], options: Fields, tables: Tables, word: Word): (string | null)[] {
  const keep = trialsKept(options, tables);
  const params = names.map(name => [name, own(tables.trials, `p:${name}`, keep)] as const);
  const why = options.why === true ? WHY.map(name => pick(tables.trials, name, keep)) : [];
  const numbers = pick(tables.trials, 'number', keep);
  const texts = hover(params, numbers.length, word, why);
  if (options.points !== true) return texts;
  const known = new Map(numbers.map((number, row) => [number, texts[row] ?? null]));
  const states = statesOf(options);
  const points = pickWithGaps(tables.points, 'number', states && keepPoints(tables, states));
  return points.map(number => known.get(number) ?? null);
}

function parallel(cell: string, options: Fields, tables: Tables): Cells {
  const axes = options.axes as readonly Axis[];
  const only = typeof options.only === 'string' ? at(tables, options.only) : null;
  if (typeof options.only === 'string' && only === null) return [];
  const keep = trialsKept(options, tables);
  const names = ['number', 'value', ...axes.map(axis => axis.column ?? '')];
  const rows = Object.fromEntries(names.map(name => [name, own(tables.trials, name, keep)]));
  const lines = new Parallel(rows, axes, tables.status.direction === 'maximize');
  const band = Array.isArray(options.band) ? (options.band as number[]) : null;
  return lines.cells(cell, lines.rows(band, only as number | null), options.values === true);
}

function pick(rows: Rows, name: string, keep: readonly boolean[] | null): Cells {
  const cells = rows[name] ?? [];
  return keep ? cells.filter((_, row) => keep[row]) : [...cells];
}

/** The same; of a parameter undefined for a trial that does not have it, and null where it is None. */
function own(rows: Rows, name: string, keep: readonly boolean[] | null): Cells {
  const cells = pick(rows, name, keep);
  if (!name.startsWith(PARAMETER_PREFIX) || !cells.includes(null)) return cells;
  const nones = pick(rows, 'nones', keep);
  return cells.map((cell, row) => (cell === null && !isNamed(nones[row], name) ? undefined : cell));
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
  if (path.startsWith('best.')) return tables.landscape?.best ? [value] : []; // None is a choice, too
  return value;
}

function at(root: unknown, path: string): unknown {
  let value = root;
  for (const key of path.split('.')) value = isFields(value) ? value[key] : undefined;
  return value ?? null;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
