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

/** Whether the page is dark, by what its host says of it, else by its colour scheme. A shadow root sees no class of the
    page's body, so the dashboard has one of its own. */
export function isDark(): boolean {
  const { body, documentElement } = document;
  const light = body.dataset.jpThemeLight;
  if (light !== undefined) return light === 'false';
  const has = (...names: readonly string[]): boolean => names.some(name => body.classList.contains(name));
  if (has('vscode-light', 'vscode-high-contrast-light')) return false;
  if (has('vscode-dark', 'vscode-high-contrast')) return true;
  if (documentElement.getAttribute('theme') === 'dark') return true; // Colab
  const schemes = getComputedStyle(documentElement).colorScheme.split(' ');
  if (!schemes.includes('dark')) return false;
  return !schemes.includes('light') || matchMedia('(prefers-color-scheme: dark)').matches;
}

/** Has `root` know whether the page is dark, now and whenever its theme changes, and then calls back; returns the cleanup. */
export function followTheme(root: Element, onChange: () => void): () => void {
  const mark = (): void => {
    root.classList.toggle('jt-dark', isDark());
  };
  const change = (): void => {
    mark();
    onChange();
  };
  mark();
  const observer = new MutationObserver(change);
  const attributeFilter = ['data-jp-theme-light', 'data-jp-theme-name', 'class', 'theme'];
  observer.observe(document.body, { attributes: true, attributeFilter });
  observer.observe(document.documentElement, { attributes: true, attributeFilter });
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', change);
  return () => {
    observer.disconnect();
    dark.removeEventListener('change', change);
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
