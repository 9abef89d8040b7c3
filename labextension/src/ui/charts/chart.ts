/**
 * One Plotly chart; the only file that imports Plotly. It draws a filled template in the colours of the page, with the
 * selected trial over it, and says what was clicked.
 *
 * Laws: the caller starts a draw only when the one before has settled. Plotly is given the size and no transition: with
 * one, even of 0 ms, it draws axes at once and marks in later frames, at the margins that the axes had before, and a draw
 * that is interrupted by the next never ends. For the same reason nothing but `draw` changes the size.
 */
import parts, { type Plotly, type PlotlyClick, type PlotlyElement } from 'plotly.js-cartesian-dist-min';
import { highlight } from '../../charts/highlight';
import { withFittingLabels } from '../../charts/labels';
import type { DrawnAxes } from '../../charts/live';
import { isFields, type Fields, type Figure } from '../../charts/template';
import { readTheme, themed } from './theme';
import { createZoom } from './zoom';

/**
 * What was clicked: a trial; a spot of a plane, by cell and, on axes of numbers, by the exact place; or, twice, the chart,
 * which then shows all again.
 */
export type Hit =
  | { readonly kind: 'reset' }
  | { readonly kind: 'trial'; readonly trial: number }
  | { readonly kind: 'spot'; readonly column: number; readonly row: number; readonly x: unknown; readonly y: unknown };

export interface Chart {
  /**
   * Draws the figure, with this trial (or none) marked; settles when all of it is on the page. Without a size (hidden,
   * or not on the page), or while Plotly is loading, nothing is drawn, and it settles with false: `onStale` is called as
   * soon as it can be. Rejects with Plotly's error, and draws from nothing the next time.
   */
  draw(figure: Figure, selected: number | null): Promise<boolean>;
  /** Where the axes put values now; null before the first draw, and while the user drags the chart. */
  readonly axes: () => DrawnAxes | null;
  /** What is drawn, without the mark of a selected trial, as a picture on the page's ground: its data URL. */
  picture(format: 'png' | 'svg'): Promise<string>;
  dispose(): void;
}

/** What the page draws over the chart by itself. */
export interface Over {
  /** Whether the trace is drawn so: it has its place in the chart, and is seen in pictures alone. */
  readonly has: (trace: Fields) => boolean;
  /** The axes may have moved. */
  readonly onMoved: () => void;
}

const CONFIG = {
  displayModeBar: false,
  displaylogo: false,
  responsive: false,
  scrollZoom: false,
  doubleClick: false // a reset is a draw like any other
};
/** What runs longer is felt as a pause. */
const TASK_MS = 30;
const RESIZE_PAUSE_MS = 100;
/** A draw that takes longer has failed. */
const OVERDUE_MS = 20_000;
/** Pixels around a dot that count as the dot; less on a plane, whose spots between the dots are clicked too. */
const REACH = 14;
const REACH_ON_PLANE = 4;

let loading: Promise<Plotly> | null = null;

/** Starts Plotly, part by part in short tasks, after the browser has painted all that needs no Plotly. */
async function start(): Promise<Plotly> {
  await new Promise(requestAnimationFrame);
  await nextTask();
  let began = performance.now();
  let last: unknown;
  for (const part of parts) {
    last = part();
    if (performance.now() - began < TASK_MS) continue;
    await nextTask();
    began = performance.now();
  }
  return last as Plotly;
}

function load(): Promise<Plotly> {
  return (loading ??= start());
}

function nextTask(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve));
}

export function createChart(
  node: HTMLElement,
  onHit: (hit: Hit) => void,
  onStale: () => void,
  over: Over | null = null
): Chart {
  const zoom = createZoom();
  let plotly: Plotly | null = null;
  let disposed = false;
  let drawn = false;
  let drawing: Promise<unknown> = Promise.resolve();
  let shown: Figure = { data: [], layout: {} };
  /** What is shown, with all its labels. */
  let whole: readonly unknown[] = shown.data;
  let size = '';
  let timer: ReturnType<typeof setTimeout> | undefined;
  const sizeOf = (): string => `${node.clientWidth} x ${node.clientHeight}`;
  const observer = new ResizeObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        if (hasSize(node) && sizeOf() !== size) onStale();
      },
      drawn ? RESIZE_PAUSE_MS : 0
    );
  });
  observer.observe(node);

  const purge = (): void => {
    if (drawn) plotly?.purge(node);
    drawn = false;
    size = '';
  };
  const react = async (figure: Figure, selected: number | null): Promise<void> => {
    plotly = await load();
    const theme = readTheme(node);
    const isOver = (trace: unknown): trace is Fields => over !== null && isFields(trace) && over.has(trace);
    const marked = figure.data.filter(trace => !isOver(trace));
    const marks = selected === null ? [] : highlight(marked, selected, theme.strong, theme.surface);
    const hoverdistance = figure.data.some(isPlane) ? REACH_ON_PLANE : REACH;
    const own = themed(zoom.over(figure.layout), theme, node.clientWidth, node.clientHeight);
    const data = withFittingLabels(figure.data, node.clientWidth, (own.xaxis as Fields).range);
    size = sizeOf();
    whole = figure.data;
    shown = { data, layout: own };
    const first = !drawn;
    drawn = true;
    const seen = data.map(trace => (isOver(trace) ? { ...trace, opacity: 0 } : trace));
    await inTime(plotly.react(node, [...seen, ...marks], { hoverdistance, ...own }, CONFIG));
    if (!first) return;
    (node as PlotlyElement).on('plotly_click', click => {
      const hit = hitOf(node, click);
      if (hit) onHit(hit);
    });
    (node as PlotlyElement).on('plotly_relayout', changed => {
      zoom.note(changed, (node as PlotlyElement).layout);
      over?.onMoved();
      // what is zoomed in on has room for more labels
      if (shown.data !== whole) onStale();
    });
    if (over) {
      for (const event of ['plotly_relayouting', 'plotly_afterplot'] as const)
        (node as PlotlyElement).on(event, over.onMoved);
    }
    (node as PlotlyElement).on('plotly_doubleclick', () => {
      zoom.reset();
      onHit({ kind: 'reset' });
      onStale();
    });
  };

  let loaded = false;
  void load()
    .catch(() => undefined) // the next draw rejects with it
    .finally(() => {
      loaded = true;
      if (!disposed) onStale();
    });

  return {
    async draw(figure, selected) {
      if (!loaded || !hasSize(node)) {
        size = '';
        return false;
      }
      drawing = react(figure, selected);
      try {
        await drawing;
      } catch (error) {
        // while the user drags a zoom Plotly refuses to draw, without a reason, and draws what it was given afterwards
        if (error === undefined) return true;
        purge();
        throw error;
      }
      return true;
    },
    axes() {
      if (!drawn || (node as PlotlyElement)._dragging) return null;
      const { xaxis, yaxis } = (node as PlotlyElement)._fullLayout;
      return {
        left: xaxis._offset,
        top: yaxis._offset,
        width: xaxis._length,
        height: yaxis._length,
        x: value => xaxis.d2p(value),
        y: value => yaxis.d2p(value),
        follows: { x: xaxis.autorange === true, y: yaxis.autorange === true }
      };
    },
    async picture(format) {
      const drawer = await load();
      await drawing;
      // of a figure of its own: nothing is done to the one that is on the page
      const layout = { ...shown.layout, paper_bgcolor: readTheme(node).surface };
      const { clientWidth: width, clientHeight: height } = node;
      return drawer.toImage({ data: shown.data, layout }, { format, width, height, scale: 2 });
    },
    dispose() {
      disposed = true;
      clearTimeout(timer);
      observer.disconnect();
      void drawing.then(purge, purge);
    }
  };
}

function hasSize(node: HTMLElement): boolean {
  return node.isConnected && node.clientWidth > 0 && node.clientHeight > 0;
}

async function inTime(draw: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const overdue = new Promise((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`Plotly has not drawn it within ${OVERDUE_MS / 1000} s`));
    }, OVERDUE_MS);
  });
  try {
    await Promise.race([draw, overdue]);
  } finally {
    clearTimeout(timer);
  }
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
