/** What the user can do to the whole study: pause, stop, change its budget, take back the last change. */
import type { Store } from '../core/store';
import { createPending } from '../core/pending';
import type { Status } from '../core/protocol';
import { lastUndoable } from '../core/changes';
import { button, element, setAttribute, setText } from './dom';
import type { Part } from './part';

interface Budget {
  readonly trials: number | null;
  readonly workers: number;
}

export function createControls(store: Store): Part {
  const pause = button('Pause', { class: 'jt-button', testid: 'pause' }, () => {
    store.send({ type: store.tables.status.state === 'paused' ? 'resume' : 'pause' });
  });
  const stop = button(
    'Stop',
    { class: 'jt-button jt-button-stop', testid: 'stop', 'aria-label': 'Stop the study' },
    () => {
      stop.disabled = true;
      store.send({ type: 'stop' });
    }
  );
  const undo = button('Undo', { class: 'jt-button', testid: 'undo' }, () => {
    const event = lastUndoable(store.tables.events);
    if (event) store.send({ type: 'undo', seq: event.seq });
  });
  const budget = createBudget(store);
  const node = element('div', { class: 'jt-controls jt-sends' }, budget.node, undo, pause, stop);

  return {
    node,
    draw() {
      const live = store.steerable;
      const paused = store.tables.status.state === 'paused';
      setText(pause, paused ? 'Resume' : 'Pause');
      setAttribute(pause, 'aria-label', paused ? 'Resume the study' : 'Pause the study');
      pause.disabled = !live;
      stop.disabled = !live;
      const event = lastUndoable(store.tables.events);
      undo.disabled = !live || !event;
      setAttribute(undo, 'title', event ? `Undo: ${event.text}` : 'Nothing to take back');
      setAttribute(undo, 'aria-label', event ? `Undo: ${event.text}` : 'Undo');
      budget.draw();
    },
    dispose: budget.dispose
  };
}

/** Two fields: how many trials in all (empty: no limit) and how many at a time. */
function createBudget(store: Store): Part {
  const trials = numberField('budget-trials', 'Trials in all');
  trials.placeholder = 'no limit';
  const workers = numberField('budget-workers', 'Trials at a time');
  workers.required = true;
  const pending = createPending<Budget>(same, () => {
    draw();
  });
  const node = element(
    'div',
    { class: 'jt-budget', role: 'group', 'aria-label': 'Budget' },
    labelled('Trials', trials),
    labelled('Workers', workers)
  );

  const commit = (): void => {
    const { status } = store.tables;
    if (!trials.reportValidity() || !workers.reportValidity()) return;
    const wish = { trials: trials.value === '' ? null : Number(trials.value), workers: Number(workers.value) };
    const truth = { trials: status.trials, workers: status.workers };
    if (same(wish, pending.shown(truth).value)) return;
    pending.ask(wish, truth);
    store.send({ type: 'budget', ...wish });
    draw();
  };
  for (const field of [trials, workers]) {
    field.addEventListener('change', commit);
    field.addEventListener('keydown', event => {
      event.stopPropagation();
      if (event.key === 'Escape') {
        field.value = '';
        field.blur();
        draw();
      }
    });
    field.addEventListener('blur', () => {
      draw();
    });
  }

  const draw = (): void => {
    const { status } = store.tables;
    const { value, pending: waits } = pending.shown({ trials: status.trials, workers: status.workers });
    trials.min = String(Math.max(1, spent(status)));
    show(trials, value.trials === null ? '' : String(value.trials), store.steerable);
    show(workers, String(value.workers), store.steerable);
    node.classList.toggle('jt-pending', waits);
  };
  return { node, draw, dispose: pending.dispose };
}

function same(a: Budget, b: Budget): boolean {
  return a.trials === b.trials && a.workers === b.workers;
}

function spent({ counts }: Status): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0) - counts.waiting;
}

function numberField(testid: string, label: string): HTMLInputElement {
  return element('input', {
    class: 'jt-input jt-number',
    type: 'number',
    min: '1',
    step: '1',
    testid,
    'aria-label': label,
    title: label
  });
}

function labelled(word: string, field: HTMLInputElement): HTMLElement {
  return element('label', { class: 'jt-field' }, element('span', { class: 'jt-field-name' }, word), field);
}

/** What is being typed is left alone. */
function show(field: HTMLInputElement, value: string, enabled: boolean): void {
  field.disabled = !enabled;
  if (document.activeElement !== field && field.value !== value) field.value = value;
}
