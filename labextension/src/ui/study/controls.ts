/** What the user can do to the whole study: pause, stop, change its budget, undo and redo changes. */
import { changes, lastUndoable, type Change } from '../../wire/changes';
import { createPending } from '../../wire/pending';
import type { Status } from '../../wire/protocol';
import { createRedo, undone } from '../../params/redo';
import type { Store } from '../../wire/store';
import { button, element, hasFocus, keepKeys, setAttribute, setText } from '../page/dom';
import { createGoOn } from './go_on';
import type { Part } from '../page/part';
import { labelled } from '../page/value_field';

interface Budget {
  readonly trials: number | null;
  readonly workers: number;
}

export function createControls(store: Store): Required<Part> {
  const pause = button('Pause', { class: 'jt-button jt-button-pause', testid: 'pause' }, () => {
    store.send({ type: store.tables.status.state === 'paused' ? 'resume' : 'pause' });
  });
  const stop = button(
    'Stop',
    {
      class: 'jt-button jt-button-stop',
      testid: 'stop',
      'aria-label': 'Stop the study',
      title: 'Cancel running trials and end the study; Resume takes it back'
    },
    () => {
      stop.disabled = true;
      store.send({ type: 'stop' });
    }
  );
  // until it is answered, a second click would ask to take back the same change
  const undoing = createPending<number | null>(Object.is, () => undefined);
  const redo = createRedo();
  /** The change whose undo was asked for here and has not happened yet. */
  let awaited: Change | null = null;
  const undoButton = button('Undo', { class: 'jt-button', testid: 'undo' }, () => {
    const { events, status } = store.tables;
    const change = lastUndoable(events);
    if (!change || undoing.shown(change.seq).pending) return;
    undoing.ask(null, change.seq);
    awaited = change;
    const step = undone(change, status);
    if (step) redo.push(step);
    store.send({ type: 'undo', seq: change.seq });
  });
  const redoButton = button('Redo', { class: 'jt-button', testid: 'redo' }, () => {
    const step = redo.pop();
    if (!step) return;
    store.send(step.again);
    draw();
  });
  const sayWhatIsUndone = (known: readonly Change[]): void => {
    const change = awaited && known.find(({ seq }) => seq === awaited?.seq);
    if (!change || change.undoable) return;
    awaited = null;
    store.mention(`Undone: ${change.text}`);
  };
  const budget = createBudget(store);
  const goOn = createGoOn(store);
  const parts = [goOn.node, budget.node, undoButton, redoButton, pause, stop];
  const node = element('div', { class: 'jt-controls jt-sends' }, ...parts);

  const draw = (): void => {
    const live = store.steerable;
    const paused = store.tables.status.state === 'paused';
    setText(pause, paused ? 'Resume' : 'Pause');
    setAttribute(pause, 'aria-label', paused ? 'Resume the study' : 'Pause the study');
    pause.disabled = !live;
    stop.disabled = !live;
    const known = changes(store.tables.events);
    redo.see(known);
    const change = known.find(({ undoable }) => undoable);
    undoButton.disabled = !live || !change;
    label(undoButton, 'Undo', change?.text);
    const step = redo.next();
    redoButton.disabled = !live || !step || awaited !== null;
    label(redoButton, 'Redo', step?.text);
    budget.draw();
    goOn.draw();
    sayWhatIsUndone(known);
  };
  return {
    node,
    draw,
    dispose() {
      undoing.dispose();
      budget.dispose();
    }
  };
}

function label(target: HTMLButtonElement, verb: string, what: string | undefined): void {
  setAttribute(target, 'title', what === undefined ? `Nothing to ${verb.toLowerCase()}` : `${verb}: ${what}`);
  setAttribute(target, 'aria-label', what === undefined ? verb : `${verb}: ${what}`);
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
    const request = { trials: trials.value === '' ? null : Number(trials.value), workers: Number(workers.value) };
    if (same(request, pending.shown(truth()).value)) return;
    pending.ask(request, truth());
    store.send({ type: 'budget', ...request });
    draw();
  };
  const draw = (): void => {
    const { value, pending: waits } = pending.shown(truth());
    trials.min = String(Math.max(1, spent(store.tables.status)));
    for (const { field, text } of fields) {
      field.disabled = !store.steerable;
      // what is being typed is left alone
      if (!hasFocus(field) && field.value !== text(value)) field.value = text(value);
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
