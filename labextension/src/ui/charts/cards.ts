/** The cards of one chart each: the front, where several metrics are sought, the history, and the learning curves. */
import { missingCurves, missingFront, missingHistory } from '../../charts/missing';
import { isFields } from '../../charts/template';
import type { Templates } from '../../wire/protocol';
import type { Store } from '../../wire/store';
import { element, setChildren, whenChanged } from '../page/dom';
import { createChartCard, type ChartPanel } from './chart_panel';
import { createMetricChoice } from './metric_choice';

export function createCards(store: Store): readonly [front: ChartPanel, history: ChartPanel, curves: ChartPanel] {
  return [createFrontCard(store), createHistoryCard(store), createCurvesCard(store)];
}

/** The charts of fronts: of each two metrics. */
function frontsOf(templates: Templates): string[] {
  return Object.keys(templates)
    .filter(name => /^front(_|$)/.test(name))
    .sort();
}

function createFrontCard(store: Store): ChartPanel {
  const select = element('select', { class: 'jt-select', testid: 'select-pair', 'aria-label': 'Metrics of the front' });
  const offer = whenChanged((pairs: readonly (readonly [name: string, words: string])[]) => {
    setChildren(
      select,
      pairs.map(([name, words]) => element('option', { value: name }, words))
    );
    select.hidden = pairs.length < 2;
  });
  const card = createChartCard(
    store,
    {
      title: 'Pareto front',
      testid: 'chart-front',
      template: () => (select.value === '' ? 'front' : select.value),
      missing: missingFront
    },
    select
  );
  select.addEventListener('change', card.redraw);
  return {
    ...card,
    draw() {
      const { templates } = store;
      const names = frontsOf(templates);
      offer(names.map(name => [name, pairOf(templates, name)]));
      card.node.hidden = names.length === 0;
      if (names.length > 0) card.draw();
    }
  };
}

function pairOf(templates: Templates, name: string): string {
  const meta = templates[name]?.layout.meta;
  return isFields(meta) && typeof meta.pair === 'string' ? meta.pair : name;
}

function createHistoryCard(store: Store): ChartPanel {
  const choice = createMetricChoice(store, 'history-metric', () => {
    card.redraw();
  });
  const card = createChartCard(
    store,
    {
      title: 'Optimization history',
      testid: 'chart-history',
      template: () => 'history',
      missing: missingHistory,
      seen: choice.seen
    },
    choice.node
  );
  return {
    ...card,
    draw() {
      choice.draw();
      card.draw();
    }
  };
}

/** Where there is a front the curves are in a tab. */
function createCurvesCard(store: Store): ChartPanel {
  const card = createChartCard(store, {
    title: 'Learning curves',
    testid: 'chart-curves',
    template: () => 'curves',
    missing: missingCurves,
    live: !store.saved
  });
  return {
    ...card,
    draw() {
      card.node.hidden = frontsOf(store.templates).length > 0;
      if (!card.node.hidden) card.draw();
    }
  };
}
