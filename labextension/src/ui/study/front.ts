/** What a study of several metrics has found: how many trials stand on the front, and the best of them in each metric. */
import { formatNumber } from '../../params/format';
import { columnOf, isAfterSeveral, isBetter, objectivesOf } from '../../wire/metrics';
import { hasEnded, type Objective, type Status } from '../../wire/protocol';
import type { Store } from '../../wire/store';
import type { Rows } from '../../wire/tables';
import { button, element, setText, whenChanged } from '../page/dom';
import type { Part } from '../page/part';

interface End {
  readonly metric: string;
  readonly trial: number;
  readonly value: number;
}

export function createFront(store: Store): Part {
  const count = element('div', { class: 'jt-best-value', testid: 'front-count' });
  const words = element('div', { testid: 'front-words' });
  const ends = element('div', { class: 'jt-best-params', testid: 'front-ends' });
  const main = element('div', { class: 'jt-best-main' }, count, words);
  const node = element('div', { class: 'jt-best' }, main, ends);
  const drawEnds = whenChanged((shown: readonly End[]) => {
    const chips = shown.map(({ metric, trial, value }) => {
      const title = `Trial ${trial} has the best ${metric} on the front: ${value}`;
      const chip = button('', { class: 'jt-param jt-end', title }, () => {
        store.select(trial);
      });
      chip.append(
        element('span', { class: 'jt-param-name' }, `best ${metric}`),
        element('span', { class: 'jt-param-value' }, formatNumber(value)),
        element('span', { class: 'jt-end-trial' }, `trial ${trial}`)
      );
      return chip;
    });
    ends.replaceChildren(...chips);
  });
  return {
    node,
    draw() {
      const { status, trials } = store.tables;
      node.hidden = !isAfterSeveral(status);
      if (node.hidden) return;
      const { front = 0 } = status;
      count.hidden = front === 0;
      setText(count, String(front));
      setText(words, wordsOf(status));
      drawEnds(front > 0 ? objectivesOf(status).flatMap(objective => endOf(trials, status, objective)) : []);
    }
  };
}

function wordsOf(status: Status): string {
  const { front = 0, found = '', state } = status;
  if (front > 0) {
    const names = objectivesOf(status).map(({ metric }) => metric);
    return `${front === 1 ? 'trial' : 'trials'} on the front of ${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
  }
  if (found !== '') return found.charAt(0).toUpperCase() + found.slice(1);
  return hasEnded(state) ? 'No trial is on the front' : 'The first complete trial will be on the front';
}

/** The trial on the front that is best in this metric; of equals the earlier one. */
function endOf(trials: Rows, status: Status, { metric, direction }: Objective): End[] {
  const values = trials[columnOf(status, metric)] ?? [];
  const rows = values.flatMap((value, row) =>
    trials.standing?.[row] === 'on the front' && typeof value === 'number' ? [{ row, value }] : []
  );
  const [first, ...others] = rows;
  if (!first) return [];
  const { row, value } = others.reduce(
    (best, each) => (isBetter(each.value, best.value, direction) ? each : best),
    first
  );
  return [{ metric, trial: Number(trials.number?.[row]), value }];
}
