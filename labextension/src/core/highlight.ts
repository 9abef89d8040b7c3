/**
 * The selected trial, drawn once more over a filled figure: a ring around its dot, a thick line along its curve, a frame
 * around its bar. Which points are its own is told by their customdata, the trial's number.
 */

type Fields = Readonly<Record<string, unknown>>;

const PLAIN = { hoverinfo: 'skip', showlegend: false, name: '' } as const;
/** Fields of a trace that place it; the rest of its looks is ours. */
const PLACE = ['xaxis', 'yaxis', 'orientation', 'width', 'offset'] as const;
const PER_POINT = ['x', 'y', 'base'] as const;

export function highlight(data: readonly unknown[], trial: number, colour: string): Fields[] {
  return data.flatMap(trace => {
    if (!isFields(trace) || !Array.isArray(trace.customdata)) return [];
    const own = ownRows(trace.customdata, trial);
    if (own.length === 0) return [];
    const place = Object.fromEntries(PLACE.filter(key => key in trace).map(key => [key, trace[key]]));
    const points = Object.fromEntries(PER_POINT.flatMap(key => pointsOf(trace, key, own)));
    return [{ ...PLAIN, ...place, ...points, ...looks(trace, own, colour) }];
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

function looks(trace: Fields, own: readonly number[], colour: string): Fields {
  if (trace.type === 'bar') {
    return { type: 'bar', marker: { color: 'rgba(0,0,0,0)', line: { color: colour, width: 2 } } };
  }
  const lines = typeof trace.mode === 'string' && trace.mode.includes('lines');
  if (lines && own.length > 1) {
    const shape = isFields(trace.line) ? trace.line.shape : undefined;
    return { type: 'scatter', mode: 'lines', line: { color: colour, width: 3.5, ...(shape ? { shape } : {}) } };
  }
  const size = isFields(trace.marker) && typeof trace.marker.size === 'number' ? trace.marker.size : 6;
  const ring = {
    size: Math.max(11, size + 6),
    symbol: 'circle-open',
    color: colour,
    line: { color: colour, width: 2 }
  };
  return { type: 'scatter', mode: 'markers', cliponaxis: false, marker: ring };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
