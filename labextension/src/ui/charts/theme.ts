/**
 * The page's colours as Plotly needs them: resolved values, laid over a figure's layout, and a call whenever they change.
 * The names --jt-* are set in base.css from JupyterLab's variables, VS Code's, or plain fallbacks.
 */
import { axisKeys } from '../../charts/adjust';
import { isFields, type Fields } from '../../charts/template';

export interface Theme {
  readonly text: string;
  /** Black on a light page, white on a dark one: what marks the selected trial. */
  readonly strong: string;
  readonly muted: string;
  readonly grid: string;
  readonly surface: string;
  readonly font: string;
}

export function readTheme(root: Element): Theme {
  const style = getComputedStyle(root);
  const read = (name: string, fallback: string): string => style.getPropertyValue(name).trim() || fallback;
  return {
    text: read('--jt-text', '#1f2328'),
    strong: read('--jt-strong', '#000000'),
    muted: read('--jt-muted', '#656d76'),
    grid: read('--jt-grid', '#d8dee4'),
    surface: read('--jt-surface', '#ffffff'),
    font: style.fontFamily || 'system-ui, sans-serif'
  };
}

export function watchTheme(onChange: () => void): () => void {
  const observer = new MutationObserver(onChange);
  const attributeFilter = ['data-jp-theme-light', 'data-jp-theme-name', 'class', 'theme'];
  observer.observe(document.body, { attributes: true, attributeFilter });
  observer.observe(document.documentElement, { attributes: true, attributeFilter });
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', onChange);
  return () => {
    observer.disconnect();
    dark.removeEventListener('change', onChange);
  };
}

/** Below this width of a chart, in pixels, its x axes have a tick for each so many pixels. */
const NARROW = 480;
const ROOM_OF_TICK = 90;
const LOG_TICKS = 5;
const CLEAR = 'rgba(0,0,0,0)';

/** The layout in this size and the page's colours. What the template says about ranges, titles and types stays. */
export function themed(layout: Fields, theme: Theme, width: number, height: number): Fields {
  const themedAxes = [...new Set(['xaxis', 'yaxis', ...axisKeys(layout)])].map((key): [string, Fields] => {
    const own = fields(layout[key]);
    const axis = {
      exponentformat: 'power',
      // numbers of five digits are read faster as they are
      minexponent: 4,
      // between the powers of ten Plotly writes every digit, or at least 2 and 5, whatever room there is
      ...(own.type === 'log' && { nticks: LOG_TICKS }),
      ...(width < NARROW && key.startsWith('x') && { nticks: Math.floor(width / ROOM_OF_TICK) }),
      ...own,
      gridcolor: theme.grid,
      zerolinecolor: theme.grid,
      linecolor: theme.grid
    };
    return [key, { ...axis, automargin: true, tickfont: { color: theme.muted, size: 11 } }];
  });
  return {
    ...layout,
    ...Object.fromEntries<Fields>(themedAxes),
    ...(Array.isArray(layout.annotations) && {
      annotations: (layout.annotations as Fields[]).map(note =>
        'bgcolor' in note ? { ...note, bgcolor: theme.surface } : note
      )
    }),
    autosize: false,
    width,
    height,
    paper_bgcolor: CLEAR,
    plot_bgcolor: CLEAR,
    font: { ...fields(layout.font), color: theme.text, family: theme.font },
    legend: { ...fields(layout.legend), bgcolor: CLEAR },
    hoverlabel: { bgcolor: theme.surface, bordercolor: theme.grid, font: { color: theme.text, family: theme.font } }
  };
}

function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}
