/** What people changed while the study ran, newest first; folded away until asked for. */
import { changes, type Change } from '../core/changes';
import { formatMoment } from '../core/format';
import type { Store } from '../core/store';
import { rowCount } from '../core/tables';
import { element, setText, whenChanged } from './dom';
import type { Part } from './part';

const MOST = 50;

export function createChangeList(store: Store): Part {
  const summary = element('summary');
  const list = element('ol', { class: 'jt-changes' });
  const details = element('details', { class: 'jt-details' }, summary, list);
  const node = element('section', { class: 'jt-card', testid: 'changes', 'aria-label': 'Change log' }, details);
  const drawList = whenChanged((newest: readonly Change[]) => {
    const items = newest.map(({ at_s, text }) => {
      const time = element('span', { class: 'jt-change-time' }, at_s === null ? '' : formatMoment(at_s));
      return element('li', {}, time, element('span', {}, text));
    });
    list.replaceChildren(...items);
  });

  return {
    node,
    draw() {
      const { events } = store.tables;
      node.hidden = rowCount(events) === 0;
      setText(summary, `Change log (${rowCount(events)})`);
      drawList(changes(events, MOST));
    }
  };
}
