/** Builds elements. Everything that comes from data enters as text or as an attribute, never as markup. */

type Child = Node | string | null;

interface Attributes {
  readonly class?: string;
  readonly testid?: string;
  readonly [attribute: string]: string | undefined;
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) node.setAttribute(name === 'testid' ? 'data-testid' : name, value);
  }
  node.append(...children.filter(child => child !== null));
  return node;
}

export function button(label: string, attributes: Attributes, onClick: () => void): HTMLButtonElement {
  const node = element('button', { type: 'button', ...attributes }, label);
  node.addEventListener('click', onClick);
  return node;
}

let count = 0;

/** For what has to be pointed at by id: several dashboards stand on one page. */
export function uniqueId(): string {
  return `jt-${(count++).toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
}

/** Writes text only where it differs, so that selections and the browser's layout survive updates. */
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node: HTMLElement, name: string, value: string): void {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** Makes `parent` show exactly these children, in this order, moving as few nodes as it can. */
export function setChildren(parent: HTMLElement, children: readonly HTMLElement[]): void {
  let next = parent.firstElementChild;
  for (const child of children) {
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
  while (next) {
    const after = next.nextElementSibling;
    next.remove();
    next = after;
  }
}
