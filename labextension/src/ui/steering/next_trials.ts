/** The trials that the user has queued, and a form that adds to it. */
import type { Parameter, Queued } from '../../wire/protocol';
import { paramsText, parseParams, varying } from '../../params/steering';
import type { Store } from '../../wire/store';
import { button, element, setText, whenChanged } from '../page/dom';
import type { Part } from '../page/part';
import { createValueField, labelled, type ValueField } from '../page/value_field';

export function createNextTrials(store: Store): Part {
  const list = element('ul', { class: 'jt-queue', testid: 'queue' });
  const form = createForm(store);
  const node = element(
    'section',
    { class: 'jt-card jt-next jt-sends', 'aria-label': 'Next trials' },
    element('h3', {}, 'Next trials'),
    list,
    form.node
  );
  const itemOf = ({ seq, params }: Queued): HTMLElement => {
    const words = paramsText(params);
    const withdraw = button('Withdraw', { class: 'jt-link', 'aria-label': `Withdraw ${words}` }, () => {
      withdraw.disabled = true;
      store.send({ type: 'undo', seq });
    });
    const mine = element('span', { class: 'jt-tag' }, 'Queued by you');
    return element('li', {}, mine, element('span', { class: 'jt-queue-params' }, words), withdraw);
  };
  const drawQueue = whenChanged((queue: readonly Queued[]) => {
    list.hidden = queue.length === 0;
    list.replaceChildren(...queue.map(itemOf));
  });

  return {
    node,
    draw() {
      node.hidden = !store.steerable;
      form.draw();
      drawQueue(store.tables.status.queue ?? []);
    }
  };
}

/** One field for each parameter; what is left empty the sampler fills in. */
function createForm(store: Store): { readonly node: HTMLElement; readonly draw: () => void } {
  let built: readonly Parameter[] | null = null;
  let fields: { readonly parameter: Parameter; readonly field: ValueField }[] = [];
  const grid = element('div', { class: 'jt-form-fields' });
  const complaint = element('p', { class: 'jt-complaint', role: 'alert' });
  const add = element('button', { type: 'submit', class: 'jt-button jt-primary', testid: 'add-trial-send' }, 'Add');
  const form = element('form', { novalidate: '' }, grid, complaint, add);
  const node = element(
    'details',
    { class: 'jt-details', testid: 'add-trial' },
    element('summary', {}, 'Add a trial'),
    element('p', { class: 'jt-hint' }, 'The sampler fills in the fields that you leave empty.'),
    form
  );

  form.addEventListener('submit', event => {
    event.preventDefault();
    const typed = Object.fromEntries(fields.map(({ parameter, field }) => [parameter.name, field.value]));
    const checked = parseParams(varying(store.parameters), typed);
    const given = 'value' in checked && Object.keys(checked.value).length > 0;
    setText(complaint, 'error' in checked ? checked.error : given ? '' : 'Give at least one value.');
    if (!given) return;
    store.send({ type: 'enqueue', params: checked.value });
    for (const { field } of fields) field.value = '';
  });

  const build = (parameters: readonly Parameter[]): void => {
    built = parameters;
    fields = varying(parameters).map(parameter => {
      const { name } = parameter;
      const field = createValueField(parameter, { testid: `add-${name}`, label: name, emptyMeans: 'sampler' });
      return { parameter, field };
    });
    grid.replaceChildren(...fields.map(({ parameter, field }) => labelled(parameter.name, field)));
  };
  return {
    node,
    draw() {
      if (built !== store.parameters) build(store.parameters);
    }
  };
}
