/** What the user can do to the whole study: pause, stop, change its budget, take back the last change. */
import { lastUndoable } from '../core/changes';
import { createPending } from '../core/pending';
import type { Status } from '../core/protocol';
import type { Store } from '../core/store';
import { button, element, keepKeys, setAttribute, setText } from './dom';
import type { Part } from './part';
import { labelled } from './value_field';

interface Budget {
  readonly trials: number | null;
  readonly workers: number;
}

export function createControls(store: Store): Required<Part> {
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
  // until it is answered, a second click would ask to take back the same change
  const undoing = createPending<number | null>(Object.is, () => undefined);
  const undo = button('Undo', { class: 'jt-button', testid: 'undo' }, () => {
    const seq = lastUndoable(store.tables.events)?.seq ?? null;
    if (seq === null || undoing.shown(seq).pending) return;
    undoing.ask(null, seq);
    store.send({ type: 'undo', seq });
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
      const change = lastUndoable(store.tables.events);
      undo.disabled = !live || !change;
      setAttribute(undo, 'title', change ? `Undo: ${change.text}` : 'Nothing to take back');
      setAttribute(undo, 'aria-label', change ? `Undo: ${change.text}` : 'Undo');
      budget.draw();
    },
    dispose() {
      undoing.dispose();
      budget.dispose();
    }
  };
}

/** Two fields: how many trials in all (empty: no limit) and how many at a time. */
function createBudget(store: Store): Required<Part> {
  const trials = numberField('budget-trials', 'Trials in all');
  trials.placeholder = 'no limit';
  const workers = numberField('budget-workers', 'Trials at a time');
  workers.required = true;
  const fields = [
    { field: trials, text: (budget: Budget) => (budget.trials === null ? '' : String(budget.trials)) },
    { field: workers, text: (budget: Budget) => String(budget.workers) }
  ];
  const pending = createPending<Budget>(same, () => {
    draw();
  });
  const truth = (): Budget => {
    const { trials: count, workers: atOnce } = store.tables.status;
    return { trials: count, workers: atOnce };
  };
  const node = element(
    'div',
    { class: 'jt-budget', role: 'group', 'aria-label': 'Budget' },
    labelled('Trials', trials),
    labelled('Workers', workers)
  );

  const commit = (): void => {
    if (!trials.reportValidity() || !workers.reportValidity()) return;
    const wish = { trials: trials.value === '' ? null : Number(trials.value), workers: Number(workers.value) };
    if (same(wish, pending.shown(truth()).value)) return;
    pending.ask(wish, truth());
    store.send({ type: 'budget', ...wish });
    draw();
  };
  const draw = (): void => {
    const { value, pending: waits } = pending.shown(truth());
    trials.min = String(Math.max(1, spent(store.tables.status)));
    for (const { field, text } of fields) {
      field.disabled = !store.steerable;
      // what is being typed is left alone
      if (document.activeElement !== field && field.value !== text(value)) field.value = text(value);
    }
    node.classList.toggle('jt-pending', waits);
  };
  for (const { field, text } of fields) {
    field.addEventListener('change', commit);
    field.addEventListener('blur', draw);
    keepKeys(field, () => text(pending.shown(truth()).value));
  }
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
