/** The errors of failed trials, equal ones once, the most frequent first. Not there while nothing has failed. */
import type { Store } from '../core/store';
import { button, element, setChildren } from './dom';
import type { Part } from './part';

export function createErrors(store: Store): Part {
  const list = element('ul', { class: 'jt-error-list' });
  const node = element(
    'section',
    { class: 'jt-card jt-errors', testid: 'errors', 'aria-label': 'Errors' },
    element('h3', {}, 'Errors'),
    list
  );
  let shown: unknown = null;

  return {
    node,
    draw() {
      const errors = store.tables.status.errors ?? [];
      node.hidden = errors.length === 0;
      const next = JSON.stringify(errors);
      if (next === shown) return;
      shown = next;
      const items = errors.map(({ text, count, trials }) => {
        const links = trials.map(trial =>
          button(String(trial), { class: 'jt-link', 'aria-label': `Trial ${trial}` }, () => {
            store.select(trial);
          })
        );
        const more = count > trials.length ? element('span', { class: 'jt-hint' }, '…') : null;
        return element(
          'li',
          {},
          element('span', { class: 'jt-error-count' }, `${count} ×`),
          element('code', { class: 'jt-error-text' }, text),
          element('span', { class: 'jt-error-trials' }, trials.length === 1 ? 'trial' : 'trials', ...links, more)
        );
      });
      setChildren(list, items);
    },
    dispose() {
      shown = null;
    }
  };
}
