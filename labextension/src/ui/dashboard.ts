/** The dashboard of one study: lays out its parts, draws them when the store changes, and takes all away again. */
import type { Store } from '../core/store';
import { rowCount, type Tables } from '../core/tables';
import { createChartPanel } from './chart_panel';
import { element, setAttribute } from './dom';
import { createHeader } from './header';
import { createLandscape } from './landscape';
import { createNotices } from './notices';
import { createPainter } from './painter';
import { createRanges } from './ranges';
import { watchTheme } from './theme';
import { createTrialTable } from './trial_table';

export function mountDashboard(host: HTMLElement, store: Store): () => void {
  const history = createChartPanel(store, {
    title: 'Optimization history',
    testid: 'chart-history',
    template: () => 'history',
    missing: missingHistory,
    shows: ({ trials, status }) => [trials, status.metric]
  });
  const curves = createChartPanel(store, {
    title: 'Learning curves',
    testid: 'chart-curves',
    template: () => 'curves',
    missing: missingCurves,
    shows: ({ trials, points, status }) => [trials, points, status.metric]
  });
  const landscape = createLandscape(store);
  const charts = [history, curves, landscape];
  const words = [createNotices(store), createHeader(store), createRanges(store), createTrialTable(store)] as const;
  const [notices, header, ranges, table] = words;

  const grid = element(
    'div',
    { class: 'jt-grid' },
    notices.node,
    header.node,
    history.node,
    curves.node,
    landscape.node,
    ranges.node,
    table.node
  );
  const root = element('section', { class: 'jt-dashboard', testid: 'jupyter-tune-dashboard' }, grid);
  root.addEventListener('focusin', keepShortcutsAway);
  host.append(root);

  const drawWords = (): void => {
    setAttribute(root, 'aria-label', `Study ${store.tables.status.name}`);
    setAttribute(root, 'data-state', store.tables.status.state);
    for (const part of words) part.draw();
  };
  const painter = createPainter(root, drawWords);
  const draw = (): void => {
    painter.request();
    for (const chart of charts) chart.draw();
  };
  const stopWatching = watchTheme(() => {
    for (const chart of charts) chart.redraw();
  });
  const unsubscribe = store.subscribe(draw);
  painter.now();
  draw();

  return () => {
    unsubscribe();
    stopWatching();
    painter.dispose();
    for (const part of [...words, ...charts]) part.dispose();
    root.remove();
  };
}

/**
 * JupyterLab's "d d" deletes the cell also while a button of its output has the focus: its selectors end in `:focus`, and
 * Lumino looks for this attribute from the focused element upwards, but tries the selector first. So the attribute has to
 * be on the very element that has the focus.
 */
function keepShortcutsAway(event: FocusEvent): void {
  if (event.target instanceof Element) event.target.setAttribute('data-lm-suppress-shortcuts', 'true');
}

function missingHistory({ trials, status }: Tables): string | null {
  if ((trials.value ?? []).some(value => value !== null)) return null;
  if (status.state !== 'ended' && status.state !== 'lost') return 'The first finished trial will appear here.';
  const failed = rowCount(trials) > 0 && status.counts.failed === rowCount(trials);
  return failed ? 'Every trial failed: open one below to read why.' : 'No trial brought a value.';
}

function missingCurves({ points, status }: Tables): string | null {
  if (rowCount(points) > 0) return null;
  const ended = status.state === 'ended' || status.state === 'lost';
  return ended ? 'No trial reported a step.' : 'Curves grow here as trials report their steps.';
}
