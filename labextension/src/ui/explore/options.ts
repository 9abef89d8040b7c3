/** Buttons that choose which chart of a view is shown, where it shows one at a time. */
import { button, element, setAttribute, whenChanged } from '../page/dom';
import type { View } from './views';

export interface Options {
  readonly node: HTMLElement;
  /** The chart of the view that is shown. */
  readonly chosen: (view: View) => string;
  readonly draw: (view: View) => void;
}

export function createOptions(onChange: () => void): Options {
  /** What was chosen, by view. */
  const choices = new Map<string, string>();
  const buttons = new Map<string, HTMLElement>();
  const node = element('div', { class: 'jt-switch', role: 'group', 'aria-label': 'What the chart shows' });
  const build = whenChanged(({ id, options }: Pick<View, 'id' | 'options'>) => {
    buttons.clear();
    for (const { chart, label, title } of options) {
      const choose = button(label, { class: 'jt-switch-choice', title }, () => {
        choices.set(id, chart);
        onChange();
      });
      buttons.set(chart, choose);
    }
    node.replaceChildren(...buttons.values());
  });
  const chosen = ({ id, charts }: View): string => choices.get(id) ?? charts[0] ?? '';
  return {
    node,
    chosen,
    draw(view) {
      build({ id: view.id, options: view.options });
      node.hidden = buttons.size === 0;
      for (const [chart, choose] of buttons) setAttribute(choose, 'aria-pressed', String(chart === chosen(view)));
    }
  };
}
