/** Which parameters the charts of all of them show: a toggle button for each. The last one that is on stays on. */
import { MOST_PARAMETERS } from '../core/parameters_shown';
import type { Parameter } from '../core/protocol';
import { varying } from '../core/steering';
import type { Store } from '../core/store';
import { button, element, setAttribute } from './dom';

export interface ParameterChoice {
  readonly node: HTMLElement;
  /** Their names; the same array until the choice changes. */
  readonly chosen: () => readonly string[];
  readonly draw: () => void;
}

export function createParameterChoice(store: Store, onChange: () => void): ParameterChoice {
  const list = element('div', { class: 'jt-chips jt-parameter-choice', role: 'group' });
  setAttribute(list, 'aria-label', 'Parameters shown');
  const node = element('div', { class: 'jt-axes' }, element('span', { class: 'jt-axes-word' }, 'Parameters'), list);
  let built: readonly Parameter[] | null = null;
  let chosen: readonly string[] = [];
  let chips: readonly (readonly [string, HTMLButtonElement])[] = [];

  const build = (): void => {
    if (built === store.parameters) return;
    built = store.parameters;
    const names = varying(built).map(({ name }) => name);
    const kept = names.filter(name => chosen.includes(name));
    chosen = kept.length > 0 ? kept : names.slice(0, MOST_PARAMETERS);
    const toggle = (toggled: string): void => {
      const next = names.filter(name => chosen.includes(name) !== (name === toggled));
      if (next.length === 0) return;
      chosen = next;
      onChange();
    };
    chips = names.map(name => {
      const chip = button(name, { class: 'jt-chip', testid: `shows-${name}` }, () => {
        toggle(name);
      });
      return [name, chip] as const;
    });
    list.replaceChildren(...chips.map(([, chip]) => chip));
  };

  return {
    node,
    chosen() {
      build();
      return chosen;
    },
    draw() {
      build();
      node.hidden = chips.length < 2;
      for (const [name, chip] of chips) {
        const on = chosen.includes(name);
        setAttribute(chip, 'aria-pressed', String(on));
        setAttribute(chip, 'title', on && chosen.length === 1 ? 'At least one parameter stays on' : '');
      }
    }
  };
}
