/**
 * One Plotly chart; the only file that imports Plotly. It draws a filled template in the colours of the page: the
 * template says what is shown, the theme how text, grid and background look.
 */
import Plotly from 'plotly.js-cartesian-dist-min';
import { readTheme, type Theme } from './theme';

export interface Figure {
  readonly data: readonly unknown[];
  readonly layout: Readonly<Record<string, unknown>>;
}

export interface Chart {
  readonly node: HTMLElement;
  draw(figure: Figure): void;
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

export function createChart(node: HTMLElement): Chart {
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
    draw(figure) {
      drawn = true;
      void Plotly.react(node, figure.data, themed(figure.layout, readTheme(node)), CONFIG);
    },
    dispose() {
      clearTimeout(timer);
      observer.disconnect();
      if (drawn) Plotly.purge(node);
    }
  };
}

type Layout = Readonly<Record<string, unknown>>;

/** The layout with the page's colours laid over it. What the template says about ranges, titles and types stays. */
export function themed(layout: Layout, theme: Theme): Layout {
  const axes = Object.keys(layout).filter(key => /^[xy]axis\d*$/.test(key));
  const themedAxes = [...new Set(['xaxis', 'yaxis', ...axes])].map((key): [string, Layout] => {
    const axis = {
      exponentformat: 'power',
      ...fields(layout[key]),
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
