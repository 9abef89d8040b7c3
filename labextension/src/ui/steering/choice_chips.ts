/** The allowed choices of one categorical parameter. */
import { choiceName } from '../../params/format';
import type { Parameter, Range } from '../../wire/protocol';
import { createChips } from '../page/chips';
import type { RangeControl } from './range_slider';

export function createChoiceChips(parameter: Parameter, onCommit: (range: Range) => void): RangeControl {
  const { name } = parameter;
  const spec = {
    label: `Choices of ${name}`,
    name: choiceName,
    testid: (choice: Range[number]) => `chip-${name}-${choiceName(choice)}`,
    last: 'At least one choice stays on'
  };
  return { ...createChips(parameter.choices ?? [], spec, onCommit), values: null };
}
