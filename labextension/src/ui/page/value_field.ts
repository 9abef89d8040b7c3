/** A small input for one parameter's value: typed for numbers, chosen for categoricals; empty may mean "not given". */
import { choiceName, formatValue } from '../../params/format';
import type { Cell, Parameter } from '../../wire/protocol';
import { describeRange } from '../../params/steering';
import { element } from './dom';

export type ValueField = HTMLInputElement | HTMLSelectElement;

interface FieldOptions {
  readonly testid: string;
  readonly label: string;
  /** What an empty field says; without one a field is never empty. */
  readonly emptyMeans?: string;
}

export function createValueField(parameter: Parameter, { testid, label, emptyMeans }: FieldOptions): ValueField {
  const attributes = { class: 'jt-input', testid, 'aria-label': label, title: describeRange(parameter) };
  if (parameter.kind !== 'categorical') {
    const hints = { inputmode: 'decimal', autocomplete: 'off', spellcheck: 'false' };
    return element('input', { type: 'text', ...hints, ...attributes, placeholder: emptyMeans ?? '' });
  }
  const names = (parameter.choices ?? []).map(choiceName);
  const options = names.map(name => element('option', { value: name }, name));
  if (emptyMeans !== undefined) options.unshift(element('option', { value: '' }, emptyMeans));
  return element('select', attributes, ...options);
}

/** What the field of this parameter holds for a value; a choice goes by its name, with all its digits. */
export function fieldText({ kind }: Parameter, value: Cell): string {
  return kind === 'categorical' ? choiceName(value) : formatValue(value);
}

/** A field with its name before it. */
export function labelled(name: string, field: HTMLElement): HTMLElement {
  return element('label', { class: 'jt-field' }, element('span', { class: 'jt-field-name' }, name), field);
}
