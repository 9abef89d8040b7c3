/** What people changed while the study ran, newest first; folded away until asked for. */
import { changes, type Change } from '../../wire/changes';
import { formatMoment } from '../../params/format';
import type { Store } from '../../wire/store';
import { rowCount } from '../../wire/tables';
import { element, setText, whenChanged } from '../page/dom';
import type { Part } from '../page/part';

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
