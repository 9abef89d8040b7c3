/**
 * The ranges panel: narrows the search while the study runs.
 *
 * It shows the kernel's ranges. Between a request and the kernel's answer it shows the request, marked as pending; when no
 * answer comes in time the kernel's range is shown again.
 */
import { createPending } from '../../wire/pending';
import type { Parameter, Range } from '../../wire/protocol';
import { declaredRange } from '../../params/scale';
import { sameItems } from '../page/same';
import { describeRange, varying } from '../../params/steering';
import type { Store } from '../../wire/store';
import { createChoiceChips } from './choice_chips';
import { button, element, setText } from '../page/dom';
import type { Part } from '../page/part';
import { createRangeSlider } from './range_slider';

interface Row {
  readonly node: HTMLElement;
  draw(enabled: boolean): void;
  dispose(): void;
}

export function createRanges(store: Store): Part {
  const hint = element('p', { class: 'jt-hint' });
  const list = element('div', { class: 'jt-ranges' });
  const node = element('section', { class: 'jt-card jt-ranges-card' }, element('h3', {}, 'Ranges'), hint, list);
  let rows: Row[] = [];
  let shown: readonly Parameter[] | null = null;

  const rebuild = (): void => {
    for (const row of rows) row.dispose();
    shown = store.parameters;
    rows = varying(shown).map(parameter => createRow(store, parameter));
    list.replaceChildren(...rows.map(row => row.node));
    if (rows.length === 0) list.append(element('p', { class: 'jt-empty' }, 'This study declares no ranges.'));
  };

  return {
    node,
    draw() {
      if (shown !== store.parameters) rebuild();
      const enabled = store.steerable;
      setText(
        hint,
        enabled
          ? 'New trials stay inside these ranges; older trials still inform the model.'
          : 'The ranges as they were last.'
      );
      for (const row of rows) row.draw(enabled);
    },
    dispose() {
      for (const row of rows) row.dispose();
    }
  };
}

function createRow(store: Store, parameter: Parameter): Row {
  const { name } = parameter;
  const declared = declaredRange(parameter);
  const pending = createPending<Range>(sameItems, () => {
    show();
  });
  let enabled = true;
  const answered = (): Range => store.tables.status.ranges[name] ?? declared;

  const ask = (request: Range): void => {
    const was = pending.shown(answered()).value;
    pending.ask(request, answered());
    store.send({ type: 'narrow', ranges: { [name]: request }, was: { [name]: was } });
    show();
  };

  const control =
    parameter.kind === 'categorical' ? createChoiceChips(parameter, ask) : createRangeSlider(parameter, ask);
  const reset = button('Reset', { class: 'jt-reset', 'aria-label': `Reset ${name} to its declared range` }, () => {
    ask(declared);
  });
  const node = element(
    'div',
    { testid: `range-${name}` },
    element(
      'div',
      { class: 'jt-range-head' },
      element('span', { class: 'jt-range-name' }, name),
      element('span', { class: 'jt-range-declared' }, describeRange(parameter)),
      reset,
      control.values
    ),
    control.node
  );

  const show = (): void => {
    const { value: range, pending: waits } = pending.shown(answered());
    control.show(range, enabled);
    node.classList.toggle('jt-pending', waits);
    const narrowed = !sameItems(range, declared);
    node.classList.toggle('jt-narrowed', narrowed);
    reset.disabled = !enabled || !narrowed;
  };
  return {
    node,
    draw(nextEnabled) {
      enabled = nextEnabled;
      show();
    },
    dispose() {
      control.dispose?.();
      pending.dispose();
    }
  };
}
