/**
 * The page's colours as Plotly needs them: resolved values, and a call whenever they change. The names --jt-* are set in
 * dashboard.css from JupyterLab's variables, VS Code's, or plain fallbacks.
 */

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
