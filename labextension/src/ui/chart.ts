/**
 * One Plotly chart; the only file that imports Plotly. It draws a filled template in the colours of the page, with the
 * selected trial over it, and says what was clicked.
 */
import Plotly, { type PlotlyClick, type PlotlyElement } from 'plotly.js-cartesian-dist-min';
import { highlight } from '../core/highlight';
import { isFields, type Fields } from '../core/template';
import { readTheme, themed } from './theme';

export interface Figure {
  readonly data: readonly unknown[];
  readonly layout: Fields;
}

/** What was clicked: a trial, or a spot of a plane, by cell and, on axes of numbers, by the exact place. */
export type Hit =
  | { readonly kind: 'trial'; readonly trial: number }
  | { readonly kind: 'spot'; readonly column: number; readonly row: number; readonly x: unknown; readonly y: unknown };

export interface Chart {
  /** Draws the figure, with this trial (or none) marked. */
  draw(figure: Figure, selected: number | null): void;
  dispose(): void;
}

const CONFIG = {
  displayModeBar: false,
  displaylogo: false,
  responsive: false,
  scrollZoom: false,
  doubleClick: 'reset'
};
const RESIZE_PAUSE_MS = 100;
/** Pixels around a dot that count as the dot; less on a plane, whose spots between the dots are clicked too. */
const REACH = 14;
const REACH_ON_PLANE = 4;

export function createChart(node: HTMLElement, onHit: (hit: Hit) => void): Chart {
  let drawn = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const resize = (): void => {
    if (drawn && node.clientWidth > 0) void Plotly.Plots.resize(node);
  };
  const observer = new ResizeObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(resize, RESIZE_PAUSE_MS);
  });
  observer.observe(node);

  return {
    draw(figure, selected) {
      const theme = readTheme(node);
      const marks = selected === null ? [] : highlight(figure.data, selected, theme.strong, theme.surface);
      const hoverdistance = figure.data.some(isPlane) ? REACH_ON_PLANE : REACH;
      const layout = { hoverdistance, ...themed(figure.layout, theme, node.clientWidth) };
      void Plotly.react(node, [...figure.data, ...marks], layout, CONFIG);
      if (drawn) return;
      drawn = true;
      (node as PlotlyElement).on('plotly_click', click => {
        const hit = hitOf(node, click);
        if (hit) onHit(hit);
      });
    },
    dispose() {
      clearTimeout(timer);
      observer.disconnect();
      if (drawn) Plotly.purge(node);
    }
  };
}

function isPlane(trace: unknown): boolean {
  return isFields(trace) && (trace.type === 'heatmap' || trace.type === 'contour');
}

function hitOf(node: HTMLElement, { points, event }: PlotlyClick): Hit | null {
  for (const { customdata } of points) {
    const trial: unknown = Array.isArray(customdata) ? customdata[0] : customdata;
    if (typeof trial === 'number') return { kind: 'trial', trial };
  }
  const point = points.find(({ data }) => isPlane(data));
  if (!point || !Array.isArray(point.pointNumber)) return null;
  const [row, column] = point.pointNumber as readonly number[];
  const { left, top } = node.getBoundingClientRect();
  const x = point.xaxis.p2d(event.clientX - left - point.xaxis._offset);
  const y = point.yaxis.p2d(event.clientY - top - point.yaxis._offset);
  return { kind: 'spot', column: column ?? 0, row: row ?? 0, x, y };
}
