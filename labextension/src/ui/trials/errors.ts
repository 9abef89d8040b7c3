/** The errors of failed trials, equal ones once, the most frequent first. Not there while nothing has failed. */
import type { Cell, ErrorGroup } from '../../wire/protocol';
import type { Store } from '../../wire/store';
import type { Rows } from '../../wire/tables';
import { button, element, whenChanged } from '../page/dom';
import { createOnce } from '../page/once';
import type { Part } from '../page/part';

const HINT = 'With the same values, each as a new attempt, by the code that this study was last started with';

/** When the failed trials last started: others once they run again, though they may fail again before the next draw. */
function lastStarts({ state = [], start_s = [] }: Rows): Cell[] {
  return state.flatMap((known, row) => (known === 'failed' ? [start_s[row] ?? null] : []));
}

export function createErrors(store: Store): Part {
  const once = createOnce(
    store,
    () => lastStarts(store.tables.trials),
    () => {
      draw();
    }
  );
  const retry = button('Run failed trials again', { class: 'jt-button', testid: 'retry-failed', title: HINT }, () => {
    once.ask({ type: 'retry', which: 'failed' });
  });
  const list = element('ul', { class: 'jt-error-list' });
  const node = element(
    'section',
    { class: 'jt-card jt-errors', testid: 'errors', 'aria-label': 'Errors' },
    element('div', { class: 'jt-card-head' }, element('h3', {}, 'Errors'), retry),
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

  const draw = (): void => {
    const { errors = [], state } = store.tables.status;
    node.hidden = errors.length === 0;
    retry.hidden = !(store.steerable || (state === 'ended' && !store.saved));
    retry.disabled = once.waits;
    drawList(errors);
  };
  return { node, draw };
}
