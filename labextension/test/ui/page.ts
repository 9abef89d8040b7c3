/** Finds and uses parts of a page by the names a person or a browser test would. */

export function byId(root: ParentNode, id: string): HTMLElement {
  const found = root.querySelector<HTMLElement>(`[data-testid="${id}"]`);
  if (!found) throw new Error(`no element with data-testid ${id}`);
  return found;
}

export function text(root: ParentNode, id: string): string {
  return byId(root, id).textContent;
}

export function press(target: HTMLElement, key: string): void {
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
}

export function release(target: HTMLElement, key: string): void {
  target.dispatchEvent(new KeyboardEvent('keyup', { key, bubbles: true }));
}
