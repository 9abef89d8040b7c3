/** Which of the metrics a chart of one metric shows; nothing in a study of one. */
import { isAfterSeveral, objectivesOf, seenBy } from '../../wire/metrics';
import type { Store } from '../../wire/store';
import type { Tables } from '../../wire/tables';
import { element, whenChanged } from '../page/dom';
import type { Part } from '../page/part';

export interface MetricChoice extends Part {
  /** The tables as the charts of that metric are drawn from them. */
  readonly seen: (tables: Tables) => Tables;
}

/** @param onChange Another metric was chosen. */
export function createMetricChoice(store: Store, testid: string, onChange: () => void): MetricChoice {
  const select = element('select', { class: 'jt-select', testid, 'aria-label': 'Metric of the chart' });
  const node = element('label', { class: 'jt-axes' }, element('span', { class: 'jt-axes-word' }, 'metric:'), select);
  const offer = whenChanged((metrics: readonly string[]) => {
    select.replaceChildren(...metrics.map(metric => element('option', { value: metric }, metric)));
  });
  select.addEventListener('change', onChange);
  const draw = (): void => {
    const { status } = store.tables;
    node.hidden = !isAfterSeveral(status);
    offer(objectivesOf(status).map(({ metric }) => metric));
  };
  draw();
  return { node, draw, seen: tables => seenBy(tables, select.value) };
}
