/**
 * Which two parameters the model is shown over, and where the others stand meanwhile. Both are wishes to the kernel,
 * which computes the grid; until it answers, the wish is shown. Values not held by hand are the best trial's.
 */
import type { Cell, Parameter, Params } from '../core/protocol';
import type { Store } from '../core/store';
import { parseValue, valueText, varying } from '../core/steering';
import { button, element, setAttribute, setText } from './dom';
import { createValueField, labelled, type ValueField } from './value_field';

export interface Axes {
  readonly selects: HTMLElement;
  readonly held: HTMLElement;
  readonly draw: () => void;
  /** True between a wish and its answer. */
  readonly waits: () => boolean;
}

export function createAxes(store: Store): Axes {
  let wish: readonly [string, string] | null = null;
  let shown: readonly [string, string] = ['', ''];
  let at: Record<string, Cell> = {};
  let built: readonly Parameter[] | null = null;
  const fields = new Map<string, { readonly node: HTMLElement; readonly field: ValueField }>();

  const selectX = createSelect('select-x', 'Parameter on the horizontal axis');
  const selectY = createSelect('select-y', 'Parameter on the vertical axis');
  const over = element('span', { class: 'jt-axes-word' }, 'over');
  const selects = element('div', { class: 'jt-axes jt-sends' }, selectY, over, selectX);
  const complaint = element('span', { class: 'jt-complaint', role: 'alert' });
  const reset = button('back to the best trial’s', { class: 'jt-link', testid: 'at-reset' }, () => {
    at = {};
    ask();
  });
  setAttribute(reset, 'title', 'Let the other parameters stand at the best trial’s values again');
  const list = element('div', { class: 'jt-fields' });
  const held = element('div', { class: 'jt-held jt-sends', role: 'group', 'aria-label': 'The other parameters' });
  held.append(element('span', { class: 'jt-held-word' }, 'Others at'), list, reset, complaint);

  const ask = (): void => {
    const others: Params = Object.fromEntries(Object.entries(at).filter(([name]) => !shown.includes(name)));
    const rest = Object.keys(others).length > 0 ? { at: others } : {};
    store.send({ type: 'landscape', x: selectX.value, y: selectY.value, ...rest });
    draw();
  };
  const onSelect = (changed: HTMLSelectElement, other: HTMLSelectElement, previous: string): void => {
    if (changed.value === other.value) other.value = previous;
    wish = [selectX.value, selectY.value];
    shown = wish;
    ask();
  };
  selectX.addEventListener('change', () => {
    onSelect(selectX, selectY, shown[0]);
  });
  selectY.addEventListener('change', () => {
    onSelect(selectY, selectX, shown[1]);
  });

  const build = (parameters: readonly Parameter[]): void => {
    built = parameters;
    fields.clear();
    for (const parameter of varying(parameters)) {
      const { name } = parameter;
      const field = createValueField(parameter, { testid: `at-${name}`, label: `${name} stands at` });
      field.addEventListener('change', () => {
        const checked = parseValue(parameter, field.value);
        setText(complaint, 'error' in checked ? checked.error : '');
        if ('error' in checked) return;
        at[name] = checked.value;
        ask();
      });
      fields.set(name, { node: labelled(name, field), field });
    }
    list.replaceChildren(...Array.from(fields.values(), ({ node }) => node));
  };

  const draw = (): void => {
    if (built !== store.parameters) build(store.parameters);
    const names = varying(store.parameters).map(({ name }) => name);
    const { landscape } = store.tables;
    if (landscape?.x === wish?.[0] && landscape?.y === wish?.[1]) wish = null;
    shown = wish ?? [landscape?.x ?? names[0] ?? '', landscape?.y ?? names[1] ?? ''];
    setOptions(selectX, names, shown[0]);
    setOptions(selectY, names, shown[1]);
    selects.hidden = names.length < 2;
    const stands: Params = { ...landscape?.at, ...at };
    for (const [name, { node, field }] of fields) {
      const value = stands[name];
      node.hidden = shown.includes(name) || value === undefined;
      node.classList.toggle('jt-by-hand', name in at);
      if (value !== undefined && document.activeElement !== field) field.value = valueText(value);
    }
    held.hidden = ![...fields.values()].some(({ node }) => !node.hidden);
    reset.hidden = Object.keys(at).length === 0;
  };
  return { selects, held, draw, waits: () => wish !== null };
}

function createSelect(testid: string, label: string): HTMLSelectElement {
  return element('select', { class: 'jt-select', testid, 'aria-label': label });
}

function setOptions(select: HTMLSelectElement, names: readonly string[], value: string): void {
  const present = Array.from(select.options, option => option.value);
  if (present.join('\n') !== names.join('\n')) {
    select.replaceChildren(...names.map(name => element('option', { value: name }, name)));
  }
  if (select.value !== value) select.value = value;
}
