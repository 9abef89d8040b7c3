/** A row of tabs over one panel: a click or the arrow keys choose. The panel's content is the caller's. */
import { button, element, setAttribute, setChildren, uniqueId } from './dom';

export interface Tab {
  readonly id: string;
  readonly label: string;
  readonly title: string;
}

export interface Tabs {
  readonly list: HTMLElement;
  readonly panel: HTMLElement;
  /** Shows these tabs, with one chosen. */
  readonly show: (tabs: readonly Tab[], chosen: string) => void;
}

/** A panel keeps the height of the tab before, so that the page below stays; but no more than this many pixels. */
const TALLEST_KEPT = 640;

export function createTabs(name: string, onChoose: (id: string) => void): Tabs {
  const panel = element('div', { class: 'jt-tab-panel', role: 'tabpanel', id: uniqueId() });
  const list = element('div', { class: 'jt-tabs', role: 'tablist', 'aria-label': name });
  const buttons = new Map<string, HTMLElement>();
  let present: readonly string[] = [];
  let width = 0;
  const choose = (id: string): void => {
    // in another width the heights are others
    if (panel.offsetWidth !== width) panel.style.minHeight = '';
    width = panel.offsetWidth;
    panel.style.minHeight = `${Math.min(panel.offsetHeight, TALLEST_KEPT)}px`;
    onChoose(id);
  };
  const buttonOf = ({ id, label, title }: Tab): HTMLElement => {
    const attributes = { class: 'jt-tab', role: 'tab', title, id: uniqueId(), 'aria-controls': panel.id };
    const made = button(label, { ...attributes, testid: `tab-${id}` }, () => {
      choose(id);
    });
    buttons.set(id, made);
    return made;
  };
  list.addEventListener('keydown', event => {
    const at = present.findIndex(id => buttons.get(id) === event.target);
    const target = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: present.length - 1 }[event.key];
    if (target === undefined || at < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const id = present[(target + present.length) % present.length];
    if (id === undefined) return;
    choose(id);
    buttons.get(id)?.focus();
  });
  return {
    list,
    panel,
    show(tabs, chosen) {
      present = tabs.map(({ id }) => id);
      setChildren(
        list,
        tabs.map(tab => buttons.get(tab.id) ?? buttonOf(tab))
      );
      for (const [id, node] of buttons) {
        setAttribute(node, 'aria-selected', String(id === chosen));
        node.tabIndex = id === chosen ? 0 : -1;
        if (id === chosen) setAttribute(panel, 'aria-labelledby', node.id);
      }
    }
  };
}
