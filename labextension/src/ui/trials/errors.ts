/** The errors of failed trials, equal ones once, the most frequent first. Not there while nothing has failed. */
import type { ErrorGroup } from '../../wire/protocol';
import type { Store } from '../../wire/store';
import { button, element, whenChanged } from '../page/dom';
import type { Part } from '../page/part';

export function createErrors(store: Store): Part {
  const list = element('ul', { class: 'jt-error-list' });
  const node = element(
    'section',
    { class: 'jt-card jt-errors', testid: 'errors', 'aria-label': 'Errors' },
    element('h3', {}, 'Errors'),
    list
  );
  const itemOf = ({ text, count, trials, where = '' }: ErrorGroup): HTMLElement => {
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
      element('code', { class: 'jt-error-text' }, text, where && element('span', { class: 'jt-hint' }, where)),
      element('span', { class: 'jt-error-trials' }, trials.length === 1 ? 'trial' : 'trials', ...links, more)
    );
  };
  const drawList = whenChanged((errors: readonly ErrorGroup[]) => {
    list.replaceChildren(...errors.map(itemOf));
  });

  return {
    node,
    draw() {
      const errors = store.tables.status.errors ?? [];
      node.hidden = errors.length === 0;
      drawList(errors);
    }
  };
}
