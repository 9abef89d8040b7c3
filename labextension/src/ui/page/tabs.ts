/** A row of tabs over one panel: a click or the arrow keys choose. The panel's content is the caller's. */
import { button, element, setAttribute, uniqueId } from './dom';

export interface Tab {
  readonly id: string;
  readonly label: string;
  readonly title: string;
}

export interface Tabs {
  readonly list: HTMLElement;
  readonly panel: HTMLElement;
  /** Shows these tabs, in their order, with one chosen. */
  readonly show: (present: ReadonlySet<string>, chosen: string) => void;
}

/** A panel keeps the height of the tab before, so that the page below stays; but no more than this many pixels. */
const TALLEST_KEPT = 640;

export function createTabs(label: string, tabs: readonly Tab[], onChoose: (id: string) => void): Tabs {
  const panel = element('div', { class: 'jt-tab-panel', role: 'tabpanel', id: uniqueId() });
  let width = 0;
  const choose = (id: string): void => {
    // in another width the heights are others
    if (panel.offsetWidth !== width) panel.style.minHeight = '';
    width = panel.offsetWidth;
    panel.style.minHeight = `${Math.min(panel.offsetHeight, TALLEST_KEPT)}px`;
    onChoose(id);
  };
  const buttons = new Map(
    tabs.map(({ id, label: text, title }) => {
      const attributes = { class: 'jt-tab', role: 'tab', title, id: uniqueId(), 'aria-controls': panel.id };
      const node = button(text, { ...attributes, testid: `tab-${id}` }, () => {
        choose(id);
      });
      return [id, node] as const;
    })
  );
  const list = element('div', { class: 'jt-tabs', role: 'tablist', 'aria-label': label }, ...buttons.values());
  list.addEventListener('keydown', event => {
    const present = [...buttons].filter(([, node]) => !node.hidden);
    const at = present.findIndex(([, node]) => node === event.target);
    const target = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: present.length - 1 }[event.key];
    if (target === undefined || at < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const [id, node] = present[(target + present.length) % present.length] ?? [];
    if (!id) return;
    choose(id);
    node?.focus();
  });
  return {
    list,
    panel,
    show(present, chosen) {
      for (const [id, node] of buttons) {
        node.hidden = !present.has(id);
        setAttribute(node, 'aria-selected', String(id === chosen));
        node.tabIndex = id === chosen ? 0 : -1;
        if (id === chosen) setAttribute(panel, 'aria-labelledby', node.id);
      }
    }
  };
}
