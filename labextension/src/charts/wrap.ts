/** Charts side by side, as of the slices: as many in a row as can be read, in rows as high as a chart needs. */
import { axisKeys } from './adjust';
import { isFields, type Fields, type Figure } from './template';

/** In pixels: the least width of one chart, the height of a row, and what lies beside the first and the last. */
const [LEAST, ROW, BESIDE] = [180, 175, 100];
/** Shares: of a column that is the chart, and of a row; the rest are labels. */
const [WIDE, HIGH] = [0.86, 0.64];

export interface Rows {
  readonly columns: number;
  /** The height of all of it, in pixels. */
  readonly height: number;
}

/** The rows of this template's charts in a panel `width` pixels wide; null for one that does not wrap. */
export function rowsOf({ layout }: Figure, width: number): Rows | null {
  const count = isFields(layout.meta) && layout.meta.wraps === true ? axesAcross(layout).length : 0;
  if (count === 0 || width <= 0) return null;
  const columns = Math.min(count, Math.max(1, Math.floor((width - BESIDE) / LEAST)));
  return { columns, height: ROW * Math.max(2, Math.ceil(count / columns)) };
}

/** The figure with its charts in rows of `columns` charts, each row with a y axis like the first. */
export function wrapped({ data, layout }: Figure, columns: number): Figure {
  const across = axesAcross(layout);
  const count = Math.ceil(across.length / columns);
  const axes = new Set(axisKeys(layout));
  const kept = Object.entries(layout).filter(([key]) => !axes.has(key));
  const first = layout.yaxis as Fields;
  const rows = Array.from({ length: count }, (_, row): [string, Fields] => {
    const top = 1 - row / count;
    const domain = [top - HIGH / count, top];
    return [`yaxis${suffix(row)}`, { ...first, domain, ...(row > 0 && { matches: 'y' }) }];
  });
  const charts = across.map((key, at): [string, Fields] => {
    const left = (at % columns) / columns;
    const domain = [left, left + WIDE / columns];
    return [key, { ...(layout[key] as Fields), domain, anchor: `y${suffix(Math.floor(at / columns))}` }];
  });
  const rowOf = new Map<unknown, number>(across.map((key, at) => [key.replace('axis', ''), Math.floor(at / columns)]));
  return {
    data: data.map(trace => {
      const row = isFields(trace) ? rowOf.get(trace.xaxis ?? 'x') : undefined;
      return row === undefined ? trace : { ...(trace as Fields), yaxis: `y${suffix(row)}` };
    }),
    layout: Object.fromEntries([...kept, ...rows, ...charts])
  };
}

/** The x axes of a layout, in their order. */
export function axesAcross(layout: Fields): string[] {
  const keys = axisKeys(layout).filter(key => key.startsWith('x'));
  return keys.sort((a, b) => place(a) - place(b));
}

function place(axis: string): number {
  return Number(/\d+$/.exec(axis)?.[0] ?? 1);
}

function suffix(at: number): string {
  return at === 0 ? '' : String(at + 1);
}
