/**
 * The selected trial, drawn once more over a filled figure: a ring around its dot, a thick line along its curve, a frame
 * around its bar; with a halo, so that it is seen on any ground. Which points are its own is told by their customdata,
 * the trial's number.
 */
import { isFields, type Fields } from './template';

const PLAIN = { hoverinfo: 'skip', showlegend: false, name: '' } as const;
/** Fields of a trace that place it; the rest of its looks is ours. */
const PLACE = ['xaxis', 'yaxis', 'orientation', 'width', 'offset'] as const;
/** In pixels: how thick its line is, the edge of its ring or frame, and how much wider the halo. */
const [LINE, EDGE, HALO] = [3, 2, 2.5];
/** In pixels: how much wider than its dot a ring is, and the least it measures; the dot where no size is said. */
const [AROUND, LEAST_RING, DOT] = [6, 11, 6];
const PER_POINT = ['x', 'y', 'base'] as const;

export function highlight(data: readonly unknown[], trial: number, colour: string, halo: string): Fields[] {
  return data.flatMap(trace => {
    if (!isFields(trace) || !Array.isArray(trace.customdata)) return [];
    const own = ownRows(trace.customdata, trial);
    if (own.length === 0 || isBareLine(trace, own)) return [];
    const place = Object.fromEntries(PLACE.filter(key => key in trace).map(key => [key, trace[key]]));
    const points = Object.fromEntries(PER_POINT.flatMap(key => pointsOf(trace, key, own)));
    const thin = { ...PLAIN, ...place, ...points, ...looks(trace, own, colour, 0) };
    return trace.type === 'bar' ? [thin] : [{ ...thin, ...looks(trace, own, halo, HALO) }, thin];
  });
}

function ownRows(customdata: readonly unknown[], trial: number): number[] {
  return customdata.flatMap((cell, row) => ((Array.isArray(cell) ? cell[0] : cell) === trial ? [row] : []));
}

/** These rows of an array of the trace; of one given by start and step (y0, dy), the values there. */
function pointsOf(trace: Fields, key: string, rows: readonly number[]): [string, unknown][] {
  const cells = trace[key];
  if (Array.isArray(cells)) return [[key, withGaps(cells, rows)]];
  if (cells !== undefined) return [[key, cells]];
  const [start, step] = [trace[`${key}0`], trace[`d${key}`]];
  if (typeof start !== 'number') return [];
  return [[key, rows.map(row => start + row * (typeof step === 'number' ? step : 1))]];
}

/** Rows that do not follow each other belong to two pieces of line. */
function withGaps(cells: readonly unknown[], rows: readonly number[]): unknown[] {
  return rows.flatMap((row, at) => {
    const follows = at === 0 || row === (rows[at - 1] ?? 0) + 1;
    return follows ? [cells[row]] : [null, cells[row]];
  });
}

/** One point of a line without dots, as of the best so far, is no place of the trial's own. */
function isBareLine({ mode }: Fields, own: readonly number[]): boolean {
  return mode === 'lines' && own.length === 1;
}

function looks(trace: Fields, own: readonly number[], colour: string, more: number): Fields {
  if (trace.type === 'bar') {
    return { type: 'bar', marker: { color: 'rgba(0,0,0,0)', line: { color: colour, width: EDGE } } };
  }
  const lines = typeof trace.mode === 'string' && trace.mode.includes('lines');
  if (lines && own.length > 1) {
    const shape = isFields(trace.line) ? trace.line.shape : undefined;
    return { type: 'scatter', mode: 'lines', line: { color: colour, width: LINE + more, ...(shape ? { shape } : {}) } };
  }
  const size = isFields(trace.marker) && typeof trace.marker.size === 'number' ? trace.marker.size : DOT;
  const ring = {
    size: Math.max(LEAST_RING, size + AROUND),
    symbol: 'circle-open',
    color: colour,
    line: { color: colour, width: EDGE + more }
  };
  return { type: 'scatter', mode: 'markers', cliponaxis: false, marker: ring };
}
