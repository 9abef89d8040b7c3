/**
 * What the user may change about a filled chart: the metric on a logarithmic axis, pruned trials hidden, all values shown
 * where some lie beyond the axis. And the chart's data as CSV.
 */
import { formatNumber } from '../params/format';
import { isFields, type Fields, type Figure } from './template';
import { logTicks } from './ticks';

export interface Adjustments {
  readonly log: boolean;
  readonly hidePruned: boolean;
  readonly showAll: boolean;
}

export const AS_SENT: Adjustments = { log: false, hidePruned: false, showAll: false };

/** Which adjustments would change this chart. */
export interface Offers {
  /** The metric's axis, and whether all that stands along it has a logarithm; null where no axis is the metric's. */
  readonly log: { readonly axis: 'x' | 'y'; readonly possible: boolean } | null;
  readonly hidePruned: boolean;
  /** How many values lie beyond the axis. */
  readonly beyond: number;
}

/** The name of the traces that mark what lies beyond an axis, as the templates have it. */
const BEYOND = 'beyond the axis';

/** Args: template: what the figure was filled from; it tells which axes are the metric's. */
export function offersOf(template: Figure, figure: Figure): Offers {
  const axes = metricAxes(template);
  const traces = tracesOf(figure);
  const values = along(figure, axes);
  const axis = axes[0]?.startsWith('x') ? 'x' : 'y';
  return {
    log: axes.length > 0 ? { axis, possible: haveLogarithms(values) } : null,
    hidePruned: traces.some(trace => isPruned(trace) && count(trace) > 0),
    beyond: traces.filter(isBeyond).reduce((sum, trace) => sum + count(trace), 0)
  };
}

export function adjusted(template: Figure, figure: Figure, { log, hidePruned, showAll }: Adjustments): Figure {
  const axes = metricAxes(template);
  const values = log ? along(figure, axes) : [];
  const logarithmic = haveLogarithms(values);
  const all = logarithmic || showAll;
  const ticks = logarithmic ? logTicks(values) : null;
  const log10 = { type: 'log', ...(ticks && { tickvals: ticks, ticktext: ticks.map(formatNumber) }) };
  const layout: Record<string, unknown> = { ...figure.layout };
  if (all) {
    for (const key of axes) {
      layout[key] = { ...(layout[key] as Fields), range: undefined, ...(logarithmic && log10) };
    }
  }
  const data = figure.data.filter(
    trace => !isFields(trace) || !((hidePruned && isPruned(trace)) || (all && isBeyond(trace)))
  );
  return { data, layout };
}

/** A row for each point drawn: its trace, its trial, where it is in the words of the axes, and what its colour means. */
export function csvOf(figure: Figure): string {
  const rows: unknown[][] = [['series', 'trial', titleOf(figure, 'xaxis', 'x'), titleOf(figure, 'yaxis', 'y'), 'z']];
  for (const trace of tracesOf(figure)) {
    if (isBeyond(trace)) continue;
    const [x, y, trial] = [cells(trace.x), cells(trace.y), cells(trace.customdata)];
    const name = trace.name ?? trace.type;
    if (Array.isArray(trace.z)) {
      trace.z.forEach((row, at) => {
        cells(row).forEach((cell, across) => rows.push([name, null, x[across], y[at], cell]));
      });
      continue;
    }
    const colour = isFields(trace.marker) ? cells(trace.marker.color) : [];
    for (let at = 0; at < Math.max(x.length, y.length); at++) {
      const point = [x[at] ?? trace.x0, y[at] ?? trace.y0];
      // a gap between two lines is no point
      if (point.some(cell => cell === null || cell === undefined)) continue;
      rows.push([name, trial[at], ...point, colour[at]]);
    }
  }
  return rows.map(row => row.map(field).join(',') + '\r\n').join('');
}

function titleOf({ layout }: Figure, axis: string, otherwise: string): string {
  const own = layout[axis];
  const title = isFields(own) && isFields(own.title) ? own.title.text : '';
  return typeof title === 'string' && title !== '' ? title : otherwise;
}

function field(cell: unknown): string {
  const text = typeof cell === 'string' || typeof cell === 'number' || typeof cell === 'boolean' ? String(cell) : '';
  // a spreadsheet reads =, +, - and @ before words as a formula
  const safe = typeof cell === 'string' && /^[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function tracesOf({ data }: Figure): Fields[] {
  return data.filter(isFields);
}

function cells(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function count(trace: Fields): number {
  return Math.max(cells(trace.x).length, cells(trace.y).length);
}

function isBeyond({ name }: Fields): boolean {
  return name === BEYOND;
}

/** Arrows of pruned trials beyond the axis say so by `meta`: their name is that of all arrows. */
function isPruned({ name, meta }: Fields): boolean {
  return name === 'pruned' || meta === 'pruned';
}

/** The axes of a layout, by their keys. */
export function axisKeys(layout: Fields): string[] {
  return Object.keys(layout).filter(key => /^[xy]axis\d*$/.test(key));
}

/** Axes of the metric leave out the values that would flatten the others; no other axis does. */
function metricAxes({ layout }: Figure): string[] {
  return Object.keys(layout).filter(key => {
    const axis = layout[key];
    return isFields(axis) && isFields(axis.range) && '$span' in axis.range;
  });
}

/** The numbers that stand along one of these axes. */
function along(figure: Figure, axes: readonly string[]): number[] {
  const ids = axes.map(axis => axis.replace('axis', ''));
  return tracesOf(figure).flatMap(trace =>
    (['x', 'y'] as const).flatMap(letter => {
      const id = trace[`${letter}axis`] ?? letter;
      const own = ids.some(each => each === id) && !(`${letter}0` in trace);
      return own ? cells(trace[letter]).filter(cell => typeof cell === 'number') : [];
    })
  );
}

function haveLogarithms(values: readonly number[]): boolean {
  return values.length > 0 && values.every(value => value > 0);
}
