/** Which parameters the charts of all of them show. */
import { MOST_PARAMETERS } from '../../charts/parameters_shown';
import { varying } from '../../params/steering';
import type { Store } from '../../wire/store';
import { createChips, type Chips } from '../page/chips';
import { element, whenChanged } from '../page/dom';

export interface ParameterChoice {
  readonly node: HTMLElement;
  /** Their names; the same array until the choice changes. */
  readonly chosen: () => readonly string[];
  readonly draw: () => void;
}

const SPEC = {
  label: 'Parameters shown',
  name: (name: string) => name,
  testid: (name: string) => `shows-${name}`,
  last: 'At least one parameter stays on'
};

export function createParameterChoice(store: Store, onChange: () => void): ParameterChoice {
  const list = element('div', { class: 'jt-parameter-choice' });
  const node = element('div', { class: 'jt-axes' }, element('span', { class: 'jt-axes-word' }, 'Parameters'), list);
  let chosen: readonly string[] = [];
  let chips: Chips<string> | null = null;
  const build = whenChanged((names: readonly string[]) => {
    const kept = names.filter(name => chosen.includes(name));
    chosen = kept.length > 0 ? kept : names.slice(0, MOST_PARAMETERS);
    chips = createChips(names, SPEC, next => {
      chosen = next;
      onChange();
    });
    list.replaceChildren(chips.node);
  });
  const update = (): void => {
    build(varying(store.parameters).map(({ name }) => name));
  };
  return {
    node,
    chosen() {
      update();
      return chosen;
    },
    draw() {
      update();
      chips?.show(chosen);
    }
  };
}
