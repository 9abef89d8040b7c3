/** Builds elements. Everything that comes from data enters as text or as an attribute, never as markup. */

type Child = Node | string | null;
/** `testid` is written as data-testid; what is undefined is left out. */
type Attributes = Readonly<Record<string, string | undefined>>;

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

/** Keys typed into `field` are its own; Escape leaves it with the text that stood there. */
export function keepKeys(field: HTMLInputElement, stood: () => string): void {
  field.addEventListener('keydown', event => {
    event.stopPropagation();
    if (event.key !== 'Escape') return;
    // first, for a field that is left says what has changed in it
    field.value = stood();
    field.blur();
  });
}

/** Makes `parent` show exactly these children, in this order. One that stays is not moved when others come or go: it
    would lose the focus, and a notice be read out again. */
export function setChildren(parent: HTMLElement, children: readonly HTMLElement[]): void {
  const stay = new Set<Element>(children);
  for (const child of Array.from(parent.children)) if (!stay.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const child of children) {
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
}

/** `draw`, called only when what it is to show has changed: elements that it makes anew lose focus and selections. */
export function whenChanged<T>(draw: (shown: T) => void): (shown: T) => void {
  let drawn: string | null = null;
  return shown => {
    const next = JSON.stringify(shown);
    if (next === drawn) return;
    drawn = next;
    draw(shown);
  };
}
