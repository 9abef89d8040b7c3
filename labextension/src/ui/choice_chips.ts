/** Toggle buttons for the allowed choices of one categorical parameter. The last one that is on cannot be turned off. */
import { choiceName } from '../core/format';
import type { Parameter, Range } from '../core/protocol';
import { button, element, setAttribute } from './dom';
import type { RangeControl } from './range_slider';

export function createChoiceChips(parameter: Parameter, onCommit: (range: Range) => void): RangeControl {
  const { name } = parameter;
  const choices = parameter.choices ?? [];
  let allowed: Range = choices;
  const chips = choices.map(choice =>
    button(choiceName(choice), { class: 'jt-chip', testid: `chip-${name}-${choiceName(choice)}` }, () => {
      const next = choices.filter(other => allowed.includes(other) !== (other === choice));
      if (next.length > 0) onCommit(next);
    })
  );
  return {
    node: element('div', { class: 'jt-chips', role: 'group', 'aria-label': `Choices of ${name}` }, ...chips),
    values: null,
    show(next, enabled) {
      allowed = next;
      chips.forEach((chip, index) => {
        const on = allowed.includes(choices[index] ?? null);
        const last = on && allowed.length === 1;
        setAttribute(chip, 'aria-pressed', String(on));
        setAttribute(chip, 'title', last ? 'At least one choice stays on' : '');
        chip.disabled = !enabled;
      });
    }
  };
}
