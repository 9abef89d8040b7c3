/** Toggle buttons, of which the last one that is on cannot be turned off. */
import { button, element, setAttribute } from './dom';

export interface Chips<T> {
  readonly node: HTMLElement;
  readonly show: (on: readonly T[], enabled?: boolean) => void;
}

export interface ChipsSpec<T> {
  /** What they are together. */
  readonly label: string;
  readonly name: (item: T) => string;
  readonly testid: (item: T) => string;
  /** Said of the last one that is on. */
  readonly last: string;
}

/** @param onToggle Those that are to be on, in their order. */
export function createChips<T>(
  items: readonly T[],
  { label, name, testid, last }: ChipsSpec<T>,
  onToggle: (on: readonly T[]) => void
): Chips<T> {
  let on: readonly T[] = items;
  const chips = items.map(item =>
    button(name(item), { class: 'jt-chip', testid: testid(item) }, () => {
      const next = items.filter(other => on.includes(other) !== (other === item));
      if (next.length > 0) onToggle(next);
    })
  );
  return {
    node: element('div', { class: 'jt-chips', role: 'group', 'aria-label': label }, ...chips),
    show(next, enabled = true) {
      on = next;
      items.forEach((item, index) => {
        const chip = chips[index];
        if (!chip) return;
        const isOn = on.includes(item);
        setAttribute(chip, 'aria-pressed', String(isOn));
        setAttribute(chip, 'title', isOn && on.length === 1 ? last : '');
        chip.disabled = !enabled;
      });
    }
  };
}
