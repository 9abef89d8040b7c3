/** Several studies in one chart, with a table below; loaded with the first comparison. */
import '../../../style/panel.css';
import { formatDuration, formatNumber } from '../../params/format';
import type { Figure } from '../../charts/template';
import { createChart } from '../../ui/charts/chart';
import { followTheme } from '../../ui/charts/theme';
import { element } from '../../ui/page/dom';

interface Compared {
  readonly chart: Figure;
  readonly table: readonly CompareRow[];
}

interface CompareRow {
  readonly label: string;
  readonly best: number | null;
  readonly trials: number | null;
  readonly time_s: number | null;
  readonly to_common: number | null;
}

const HEADS = ['Study', 'Best', 'Trials', 'Time', 'Trials to the worst one’s best'];

/** Shows what the server has compared in `host`; returns the cleanup. */
export function mountComparison(host: HTMLElement, data: unknown): () => void {
  const { chart: figure, table } = data as Compared;
  const place = element('div', {
    class: 'jt-compare-chart',
    role: 'img',
    'aria-label': 'Best value so far of each study'
  });
  const rows = table.map(({ label, best, trials, time_s, to_common }) => {
    const cells = [number(best), number(trials), formatDuration(time_s), number(to_common)];
    return element('tr', {}, element('th', { scope: 'row' }, label), ...cells.map(cell => element('td', {}, cell)));
  });
  const heads = HEADS.map(head => element('th', { scope: 'col' }, head));
  const list = element(
    'table',
    { class: 'jt-compare-table', testid: 'compare-table' },
    element('thead', {}, element('tr', {}, ...heads)),
    element('tbody', {}, ...rows)
  );
  // the theme's colours and Plotly's are those of a dashboard
  const root = element('div', { class: 'jt-dashboard jt-compare', testid: 'comparison' }, place, list);
  host.replaceChildren(root);
  const draw = (): void => {
    void chart.draw(figure, null);
  };
  const chart = createChart(place, () => undefined, draw);
  const stopWatching = followTheme(root, draw);
  draw();
  return () => {
    stopWatching();
    chart.dispose();
    root.remove();
  };
}

function number(value: number | null): string {
  return value === null ? '–' : formatNumber(value);
}
