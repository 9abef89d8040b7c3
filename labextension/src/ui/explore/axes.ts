/**
 * Which two parameters the model is shown over, and where the others stand meanwhile. Both are requests to the kernel,
 * which computes the grid; until it answers, the request is shown. Values not held by hand are the best trial's.
 */
import { createPending } from '../../wire/pending';
import type { Cell, Parameter, Params } from '../../wire/protocol';
import { sameItems } from '../page/same';
import type { Store } from '../../wire/store';
import { parseValue, varying } from '../../params/steering';
import { button, element, hasFocus, setAttribute, setText } from '../page/dom';
import { createValueField, fieldText, labelled, type ValueField } from '../page/value_field';

export interface Axes {
  readonly selects: HTMLElement;
  readonly held: HTMLElement;
  readonly draw: () => void;
  /** True between a request and its answer. */
  readonly waits: () => boolean;
  readonly dispose: () => void;
}

/** A parameter whose value can be held, and its field. */
interface Held {
  readonly parameter: Parameter;
  readonly field: ValueField;
  readonly node: HTMLElement;
}

type Pair = readonly [x: string, y: string];
/** A model may be fitted first. A request that the kernel refuses gets no answer but a notice. */
const ANSWER_OVERDUE_MS = 30_000;

export function createAxes(store: Store, onChange: () => void): Axes {
  const pending = createPending<Pair>(sameItems, onChange, ANSWER_OVERDUE_MS);
  let shown: Pair = ['', ''];
  let at: Record<string, Cell> = {};
  let built: readonly Parameter[] | null = null;
  let fields: readonly Held[] = [];

  const selectX = createSelect('select-x', 'Parameter on the horizontal axis');
  const selectY = createSelect('select-y', 'Parameter on the vertical axis');
  const word = (text: string): HTMLElement => element('span', { class: 'jt-axes-word' }, text);
  const selects = element('div', { class: 'jt-axes jt-sends' }, word('y:'), selectY, word('x:'), selectX);
  const complaint = element('span', { class: 'jt-complaint', role: 'alert' });
  const reset = button('Use the best trial’s', { class: 'jt-link', testid: 'at-reset' }, () => {
    at = {};
    setText(complaint, '');
    ask();
  });
  setAttribute(reset, 'title', 'Set the other parameters to the best trial’s values');
  const list = element('div', { class: 'jt-fields' });
  const held = element('div', { class: 'jt-held jt-sends', role: 'group', 'aria-label': 'The other parameters' });
  held.append(element('span', { class: 'jt-held-word' }, 'Other parameters'), list, reset, complaint);

  const truth = (): Pair => {
    const { landscape } = store.tables;
    const [first, second] = varying(store.parameters);
    return [landscape?.x ?? first?.name ?? '', landscape?.y ?? second?.name ?? ''];
  };
  const ask = (): void => {
    const [x, y] = [selectX.value, selectY.value];
    const others = Object.entries(at).filter(([name]) => name !== x && name !== y);
    store.send({ type: 'landscape', x, y, ...(others.length > 0 && { at: Object.fromEntries(others) }) });
    onChange();
  };
  const onSelect = (changed: HTMLSelectElement, other: HTMLSelectElement, previous: string): void => {
    if (changed.value === other.value) other.value = previous;
    pending.ask([selectX.value, selectY.value], truth());
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
    fields = varying(parameters).map(parameter => {
      const { name } = parameter;
      const field = createValueField(parameter, { testid: `at-${name}`, label: `${name} stands at` });
      field.addEventListener('change', () => {
        const checked = parseValue(parameter, field.value);
        setText(complaint, 'error' in checked ? checked.error : '');
        if ('error' in checked) return;
        at[name] = checked.value;
        ask();
      });
      return { parameter, field, node: labelled(name, field) };
    });
    list.replaceChildren(...fields.map(({ node }) => node));
  };

  const draw = (): void => {
    if (built !== store.parameters) build(store.parameters);
    const names = varying(store.parameters).map(({ name }) => name);
    const { landscape } = store.tables;
    shown = pending.shown(truth()).value;
    setOptions(selectX, names, shown[0]);
    setOptions(selectY, names, shown[1]);
    selects.hidden = names.length < 2;
    const stands: Params = { ...landscape?.at, ...at };
    for (const { parameter, field, node } of fields) {
      const { name } = parameter;
      const value = stands[name];
      node.hidden = shown.includes(name) || value === undefined;
      node.classList.toggle('jt-by-hand', name in at);
      if (value !== undefined && !hasFocus(field)) field.value = fieldText(parameter, value);
    }
    held.hidden = fields.every(({ node }) => node.hidden);
    reset.hidden = Object.keys(at).length === 0;
  };
  return { selects, held, draw, waits: () => pending.shown(truth()).pending, dispose: pending.dispose };
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
