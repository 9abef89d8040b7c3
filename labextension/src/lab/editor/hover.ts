/** What an option, a range or an argument means, where the pointer rests on it. */
import { hoverTooltip, type EditorView, type Tooltip } from '@codemirror/view';
import { helpAt, type Help } from '../../cell/help';

export const hover = hoverTooltip((view: EditorView, offset: number): Tooltip | null => {
  const help = helpAt(view.state.doc.toString(), offset);
  if (!help) return null;
  return { pos: help.from, end: help.to, above: true, create: () => ({ dom: card(help) }) };
});

function card({ title, about, rows }: Help): HTMLElement {
  const node = part('div', 'jt-help', part('code', 'jt-help-title', title), part('p', 'jt-help-about', about));
  if (rows.length === 0) return node;
  const list = part('dl', 'jt-help-rows');
  for (const [name, meaning] of rows) list.append(part('dt', '', name), part('dd', '', meaning));
  node.append(list);
  return node;
}

function part(tag: string, name: string, ...content: (Node | string)[]): HTMLElement {
  const node = document.createElement(tag);
  if (name) node.className = name;
  node.append(...content);
  return node;
}
