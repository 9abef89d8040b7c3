/**
 * Ranges marked on the axes of parallel coordinates: the lines that pass through all of them stay, the others fade.
 *
 * A line is a run of points of one trial, at x = 0, 1, 2, … for the axes; y goes from 0 to 1 on each. The last axis is the
 * metric's, which grows with the study: a range on it is kept in values (yaxis2), and stays where these are.
 */
import { isFields, type Fields, type Figure } from './template';

export type Interval = readonly [number, number];
/** By axis, in places from 0 to 1; on the metric's axis in values. */
export type Brush = ReadonlyMap<number, Interval>;

const [FADED, HALF_WIDTH] = [0.07, 0.045];
const PER_POINT = ['x', 'y', 'customdata', 'hovertext'] as const;

/** What the x axis spans, in axes; null for a chart that takes no marks. */
export function axesSpan({ layout: { meta, xaxis } }: Figure): Interval | null {
  return isFields(meta) && meta.brush === true && isFields(xaxis) ? intervalOf(xaxis.range) : null;
}

/** The brush with these places marked on an axis. */
export function withMark(brush: Brush, { layout }: Figure, axis: number, places: Interval): Brush {
  return new Map([...brush, [axis, mapped(places, valueAt(layout, axis))]]);
}

/** The figure with what is marked, and how many of its trials pass through all marks. */
export function brushed(figure: Figure, brush: Brush): { readonly figure: Figure; readonly kept: number; of: number } {
  const { data, layout } = figure;
  const marks = Array.from(brush, ([axis, range]) => [axis, mapped(range, placeOf(layout, axis))] as const);
  const lines = data.flatMap(trace => (isFields(trace) && isLine(trace) ? linesOf(trace) : []));
  const kept = new Set(lines.filter(line => marks.every(mark => passes(line, mark))).map(({ trial }) => trial));
  const of = new Set(lines.map(({ trial }) => trial)).size;
  if (marks.length === 0) return { figure, kept: of, of };
  const traces = data.filter(isFields).flatMap(trace => {
    if (!isLine(trace)) return [only(trace, trial => kept.has(trial))];
    const faded = { ...only(trace, trial => !kept.has(trial)), opacity: FADED, hoverinfo: 'skip', hovertemplate: null };
    return [faded, only(trace, trial => kept.has(trial))];
  });
  const boxes = marks.map(([axis, [low, high]]) => ({
    type: 'rect',
    x0: axis - HALF_WIDTH,
    x1: axis + HALF_WIDTH,
    y0: low,
    y1: high,
    line: { width: 1, color: '#7F7F7F' },
    fillcolor: 'rgba(127, 127, 127, 0.25)'
  }));
  return { figure: { data: traces, layout: { ...layout, shapes: boxes } }, kept: kept.size, of };
}

interface Line {
  readonly trial: unknown;
  readonly places: ReadonlyMap<unknown, unknown>;
}

function isLine({ mode, x, customdata }: Fields): boolean {
  return mode === 'lines' && Array.isArray(x) && Array.isArray(customdata);
}

function linesOf({ x, y, customdata }: Fields): Line[] {
  const [xs, ys] = [x as readonly unknown[], y as readonly unknown[]];
  const places = new Map<unknown, Map<unknown, unknown>>();
  (customdata as readonly unknown[]).forEach((trial, at) => {
    if (trial === null) return;
    if (!places.has(trial)) places.set(trial, new Map());
    places.get(trial)?.set(xs[at], ys[at]);
  });
  return Array.from(places, ([trial, own]) => ({ trial, places: own }));
}

function passes({ places }: Line, [axis, [low, high]]: readonly [number, Interval]): boolean {
  const place = places.get(axis);
  return typeof place === 'number' && low <= place && place <= high;
}

/** The trace with the points of these trials, and the gaps between them. */
function only(trace: Fields, isIn: (trial: unknown) => boolean): Fields {
  const { customdata } = trace;
  if (!Array.isArray(customdata)) return trace;
  const rows = customdata.map(trial => trial === null || isIn(trial));
  const kept = PER_POINT.flatMap(key => {
    const cells = trace[key];
    return Array.isArray(cells) ? [[key, cells.filter((_, at) => rows[at])] as const] : [];
  });
  return { ...trace, ...Object.fromEntries(kept) };
}

function mapped([a, b]: Interval, map: (place: number) => number): Interval {
  const [low, high] = [map(a), map(b)];
  return low <= high ? [low, high] : [high, low];
}

/** From places to what the brush holds, and back. */
function valueAt(layout: Fields, axis: number): (place: number) => number {
  const [low, high] = spanOf(layout, axis);
  return place => low + place * (high - low);
}

function placeOf(layout: Fields, axis: number): (value: number) => number {
  const [low, high] = spanOf(layout, axis);
  return value => (value - low) / (high - low);
}

/** What the axis spans: the metric's values, elsewhere places. */
function spanOf({ xaxis, yaxis2 }: Fields, axis: number): Interval {
  const ticks = isFields(xaxis) ? xaxis.tickvals : null;
  const isMetric = Array.isArray(ticks) && axis === ticks.length - 1;
  return (isMetric && isFields(yaxis2) ? intervalOf(yaxis2.range) : null) ?? [0, 1];
}

/** A range with a length; null for anything else. */
function intervalOf(range: unknown): Interval | null {
  const [low, high] = Array.isArray(range) ? (range as readonly unknown[]) : [];
  return typeof low === 'number' && typeof high === 'number' && low !== high ? [low, high] : null;
}
