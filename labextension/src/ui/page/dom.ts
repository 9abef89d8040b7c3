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

export function svgElement<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: SVGElement[]
): SVGElementTagNameMap[K] {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
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

export function setAttribute(node: Element, name: string, value: string): void {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** Whether the focus is in `node`; a document does not see where it is in a shadow root, in which some hosts put a widget. */
export function hasFocus(node: Node): boolean {
  const root: Node & Partial<DocumentOrShadowRoot> = node.getRootNode();
  return node.contains(root.activeElement ?? null);
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

/** Makes `parent` show exactly these children, in this order. As few as can be are moved, for one that is moved loses
    the focus, a notice is read out again, and each costs the browser a layout. */
export function setChildren(parent: HTMLElement, children: readonly HTMLElement[]): void {
  const stay = new Set<Element>(children);
  for (const child of Array.from(parent.children)) if (!stay.has(child)) child.remove();
  const places = new Map(Array.from(parent.children, (child, place) => [child, place]));
  const fixed = longestRising(children.map(child => places.get(child) ?? null));
  let next: Element | null = null;
  let run: HTMLElement[] = [];
  const insert = (): void => {
    if (run.length === 0) return;
    if (next) next.before(...run);
    else parent.append(...run);
    run = [];
  };
  for (let at = children.length - 1; at >= 0; at--) {
    const child = children[at];
    if (!child) continue;
    if (fixed.has(at)) {
      insert();
      next = child;
    } else run.unshift(child);
  }
  insert();
}

/** Where the numbers of a longest rising subsequence stand. */
export function longestRising(numbers: readonly (number | null)[]): ReadonlySet<number> {
  /** At each length the place of the least number that ends such a subsequence, and before each place the one before. */
  const ends: number[] = [];
  const before: (number | undefined)[] = [];
  numbers.forEach((number, place) => {
    if (number === null) return;
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((numbers[ends[middle] ?? 0] ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    before[place] = ends[low - 1];
    ends[low] = place;
  });
  const places = new Set<number>();
  for (let place = ends.at(-1); place !== undefined; place = before[place]) places.add(place);
  return places;
}

/** Puts text on the clipboard; false where the browser does not allow it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // pages that are not served securely have no clipboard, but a selected field can be copied
    const field = element('textarea', { style: 'position:fixed;opacity:0' });
    field.value = text;
    document.body.append(field);
    field.select();
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way there
    const copied = document.execCommand('copy');
    field.remove();
    return copied;
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
