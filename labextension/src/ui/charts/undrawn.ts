/** Under the history: the trials that have no place in it, so that none is missing without a word. */
import type { Store } from '../../wire/store';
import { element, setText } from '../page/dom';
import type { Part } from '../page/part';

export function createUndrawn(store: Store): Part {
  const node = element('p', { class: 'jt-hint', testid: 'undrawn' });
  return {
    node,
    draw() {
      const { nonfinite = 0 } = store.tables.status;
      const trials = nonfinite === 1 ? '1 trial' : `${nonfinite} trials`;
      setText(node, nonfinite > 0 ? `Not drawn: ${trials} with NaN or infinity` : '');
    }
  };
}
