/** What the kernel wants the user to read, until the user has. */
import type { Store } from '../../wire/store';
import { button, element, setChildren } from '../page/dom';
import type { Part } from '../page/part';

const PASSING_MS = 6000;

export function createNotices(store: Store): Required<Part> {
  const passing = new Map<number, ReturnType<typeof setTimeout>>();
  const node = element('div', { class: 'jt-notices', 'aria-live': 'polite' });
  const shown = new Map<number, HTMLElement>();
  return {
    node,
    draw() {
      const present = new Set(store.notices.map(({ id }) => id));
      for (const id of shown.keys()) if (!present.has(id)) shown.delete(id);
      for (const { id, level, text, passes } of store.notices) {
        if (shown.has(id)) continue;
        const dismiss = button('×', { class: 'jt-dismiss', 'aria-label': 'Dismiss' }, () => {
          store.dismiss(id);
        });
        if (passes) {
          const forget = (): void => {
            passing.delete(id);
            store.dismiss(id);
          };
          passing.set(id, setTimeout(forget, PASSING_MS));
        }
        const role = level === 'error' ? 'alert' : 'status';
        const words = element('span', {}, text);
        shown.set(
          id,
          element('div', { class: 'jt-notice', 'data-level': level, role, testid: 'notice' }, words, dismiss)
        );
      }
      setChildren(node, [...shown.values()]);
    },
    dispose() {
      for (const timer of passing.values()) clearTimeout(timer);
    }
  };
}
