/** What people changed while the study ran, newest first; folded away until asked for. */
import { changes } from '../core/changes';
import { formatClock } from '../core/format';
import type { Store } from '../core/store';
import { rowCount, type Rows } from '../core/tables';
import { element, setChildren, setText } from './dom';
import type { Part } from './part';

const MOST = 50;

export function createChangeList(store: Store): Part {
  const summary = element('summary');
  const list = element('ol', { class: 'jt-changes' });
  const details = element('details', { class: 'jt-details' }, summary, list);
  const node = element('section', { class: 'jt-card', testid: 'changes', 'aria-label': 'What was changed' }, details);
  let shown: Rows | null = null;

  return {
    node,
    draw() {
      const { events } = store.tables;
      node.hidden = rowCount(events) === 0;
      if (events === shown) return;
      shown = events;
      setText(summary, `What was changed (${rowCount(events)})`);
      const items = changes(events, MOST).map(({ at_s, text }) =>
        element(
          'li',
          {},
          element('span', { class: 'jt-change-time' }, at_s === null ? '' : formatClock(at_s)),
          element('span', {}, text)
        )
      );
      setChildren(list, items);
    },
    dispose() {
      shown = null;
    }
  };
}
