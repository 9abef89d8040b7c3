/**
 * One Plotly chart; the only file that imports Plotly. It draws a filled template in the colours of the page: the
 * template says what is shown, the theme how text, grid and background look. The selected trial is drawn over it.
 */
import Plotly, { type PlotlyClick, type PlotlyElement } from 'plotly.js-cartesian-dist-min';
import { highlight } from '../core/highlight';
import { readTheme, type Theme } from './theme';

export interface Figure {
  readonly data: readonly unknown[];
  readonly layout: Readonly<Record<string, unknown>>;
}

/** What was clicked: a trial, or a spot of a plane, by cell and, on axes of numbers, by the exact place. */
export type Hit =
  | { readonly kind: 'trial'; readonly trial: number }
  | { readonly kind: 'spot'; readonly column: number; readonly row: number; readonly x: unknown; readonly y: unknown };

export interface Chart {
  readonly node: HTMLElement;
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
    node,
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
  const { type } = fields(trace);
  return type === 'heatmap' || type === 'contour';
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

const NARROW = 480;
const ROOM_OF_POWER = 90;
const LOG_TICKS = 5;

type Layout = Readonly<Record<string, unknown>>;

/** The layout with the page's colours laid over it. What the template says about ranges, titles and types stays. */
export function themed(layout: Layout, theme: Theme, width = Infinity): Layout {
  const axes = Object.keys(layout).filter(key => /^[xy]axis\d*$/.test(key));
  const themedAxes = [...new Set(['xaxis', 'yaxis', ...axes])].map((key): [string, Layout] => {
    const own = fields(layout[key]);
    const axis = {
      exponentformat: 'power',
      // between the powers of ten Plotly writes every digit, or at least 2 and 5, whatever room there is
      ...(own.type === 'log' && { nticks: LOG_TICKS }),
      ...(width < NARROW && key.startsWith('x') && { nticks: Math.floor(width / ROOM_OF_POWER) }),
      ...own,
      gridcolor: theme.grid,
      zerolinecolor: theme.grid,
      linecolor: theme.grid
    };
    return [key, { ...axis, automargin: true, tickfont: { color: theme.muted, size: 11 } }];
  });
  return {
    ...layout,
    ...Object.fromEntries<Layout>(themedAxes),
    autosize: true,
    width: undefined,
    height: undefined,
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font: { ...fields(layout.font), color: theme.text, family: theme.font },
    legend: { ...fields(layout.legend), bgcolor: 'rgba(0,0,0,0)' },
    hoverlabel: { bgcolor: theme.surface, bordercolor: theme.grid, font: { color: theme.text, family: theme.font } },
    transition: { duration: 0 }
  };
}

function fields(value: unknown): Layout {
  return typeof value === 'object' && value !== null ? (value as Layout) : {};
}
