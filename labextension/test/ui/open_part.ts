/** Puts parts on a page, and finds and uses them by the names a person or a browser test would. */
import type { Snapshot } from '../../src/wire/protocol';
import type { Store } from '../../src/wire/store';
import type { Part } from '../../src/ui/page/part';
import { openStore, snapshot, type TestKernel } from '../fixtures';

export interface OpenPart {
  readonly kernel: TestKernel;
  readonly store: Store;
  readonly part: Part;
  readonly node: HTMLElement;
}

/** A part on the page, drawn whenever its store changes. */
export function openPart(create: (store: Store) => Part, first: Snapshot = snapshot): OpenPart {
  const { kernel, store } = openStore(first);
  const part = create(store);
  document.body.replaceChildren(part.node);
  store.subscribe(part.draw);
  part.draw();
  return { kernel, store, part, node: part.node };
}

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

/** Gives a field a value as a person does who then goes on. */
export function type(field: HTMLElement, value: string): void {
  (field as HTMLInputElement).value = value;
  field.dispatchEvent(new Event('change', { bubbles: true }));
}
