/** The top of the dashboard: which study, how far, how long, the best so far, what to hope for, and the controls. */
import { choiceName, formatCell, formatClock, formatNumber, formatTimeLeft } from '../core/format';
import { hasEnded } from '../core/missing';
import { STATE_COLOURS, STATE_ORDER } from '../core/palette';
import type { Landscape, Status, TrialState } from '../core/protocol';
import type { Store } from '../core/store';
import { createControls } from './controls';
import { button, element, setAttribute, setChildren, setText } from './dom';
import type { Part } from './part';

const CLOCK_MS = 1000;

export function createHeader(store: Store): Part {
  const name = element('span', { class: 'jt-name' });
  const goal = element('span', { class: 'jt-goal' });
  const badge = element('span', { class: 'jt-badge', testid: 'state' });
  const saved = element('span', { class: 'jt-goal' }, 'saved view');
  const controls = createControls(store);
  const bar = element('div', { class: 'jt-progress', testid: 'progress', role: 'progressbar', 'aria-valuemin': '0' });
  const segments = new Map(STATE_ORDER.map(state => [state, segment(state)]));
  bar.append(...segments.values());
  const counts = element('div', { class: 'jt-counts', testid: 'counts' });
  const clock = element('span');
  const timeLeft = element('span');
  const steps = element('span');
  const reason = element('span', { class: 'jt-reason' });
  const facts = element('div', { class: 'jt-facts' }, clock, timeLeft, steps);
  const bestValue = element('div', { class: 'jt-best-value', testid: 'best-value' });
  const bestNote = button('', { class: 'jt-link jt-best-note', testid: 'best-trial' }, () => {
    store.select(store.tables.status.best?.number ?? null);
  });
  const since = element('div', { class: 'jt-best-since', testid: 'best-since' });
  const gain = element('div', { class: 'jt-gain', testid: 'gain' });
  const bestParams = element('div', { class: 'jt-best-params', testid: 'best-params' });
  const node = element(
    'header',
    { class: 'jt-header' },
    element(
      'div',
      { class: 'jt-title' },
      element('div', { class: 'jt-title-text' }, name, badge, goal, saved),
      controls.node
    ),
    bar,
    element('div', { class: 'jt-under-bar' }, counts, facts),
    reason,
    element(
      'div',
      { class: 'jt-best' },
      element('div', { class: 'jt-best-main' }, bestValue, element('div', {}, bestNote, since)),
      bestParams,
      gain
    )
  );

  const tick = (): void => {
    const { status } = store.tables;
    const passed = status.state === 'running' && !store.saved ? (store.now() - store.receivedAt) / 1000 : 0;
    setText(clock, formatClock(status.elapsed_s + passed));
    const left = status.state === 'running' && status.eta_s !== null ? status.eta_s - passed : null;
    setText(timeLeft, left === null || store.saved ? '' : formatTimeLeft(left));
    const at = status.best?.at_s ?? null;
    setText(since, at === null ? '' : sinceText(status, status.elapsed_s + passed - at, store.saved));
  };
  const timer = setInterval(tick, CLOCK_MS);

  const draw = (): void => {
    const { status } = store.tables;
    setText(name, status.name);
    setText(goal, `${status.direction} ${status.metric}`);
    setText(badge, status.state);
    setAttribute(badge, 'data-state', status.state);
    saved.hidden = !store.saved;
    controls.draw();
    drawProgress(status, bar, segments);
    setChildren(counts, countLabels(status));
    setText(steps, stepsSaved(status));
    setText(reason, status.reason);
    reason.hidden = status.reason === '';
    drawBest(status, bestValue, bestNote, bestParams);
    drawGain(store.tables.landscape, status, gain);
    tick();
  };
  return {
    node,
    draw,
    dispose() {
      clearInterval(timer);
      controls.dispose();
    }
  };
}

function segment(state: TrialState): HTMLElement {
  const node = element('div', { class: 'jt-segment', 'data-state': state });
  node.style.backgroundColor = STATE_COLOURS[state];
  return node;
}

function drawProgress(status: Status, bar: HTMLElement, segments: ReadonlyMap<TrialState, HTMLElement>): void {
  const { counts, trials } = status;
  const started = STATE_ORDER.reduce((sum, state) => sum + counts[state], 0);
  const total = Math.max(trials ?? 0, started, 1);
  const done = started - counts.running - counts.waiting;
  for (const [state, node] of segments) node.style.width = `${(100 * counts[state]) / total}%`;
  setAttribute(bar, 'aria-valuemax', String(total));
  setAttribute(bar, 'aria-valuenow', String(done));
  const label = trials === null ? `${done} trials finished` : `${done} of ${trials} trials finished`;
  setAttribute(bar, 'aria-label', label);
  setAttribute(bar, 'title', label);
}

function countLabels(status: Status): HTMLElement[] {
  const { counts, trials } = status;
  const done = counts.complete + counts.pruned + counts.failed + counts.cancelled;
  const total = element(
    'span',
    { class: 'jt-count-total' },
    trials === null ? `${done} trials` : `${done} of ${trials} trials`
  );
  const parts = STATE_ORDER.filter(state => counts[state] > 0).map(state => {
    const dot = element('span', { class: 'jt-dot', 'aria-hidden': 'true' });
    dot.style.backgroundColor = STATE_COLOURS[state];
    return element('span', { class: 'jt-count' }, dot, `${counts[state]} ${state}`);
  });
  return [total, ...parts];
}

function stepsSaved({ steps_done, steps_full }: Status): string {
  if (steps_full === null || steps_done <= 0 || steps_done >= steps_full) return '';
  const share = Math.round(100 * (1 - steps_done / steps_full));
  return share > 0 ? `${share} % of steps saved (${formatNumber(steps_done)} of ${formatNumber(steps_full)} run)` : '';
}

function sinceText({ state }: Status, age_s: number, saved: boolean): string {
  if (saved || hasEnded(state)) return `found ${formatClock(age_s)} before the end`;
  return `unbeaten for ${formatClock(age_s)}`;
}

function drawGain(landscape: Landscape | null, { state }: Status, node: HTMLElement): void {
  const gain = landscape?.gain;
  node.hidden = !gain || hasEnded(state);
  if (!gain) return;
  setText(node, `Likely gain of the next trial: ${formatNumber(gain.value)}`);
  setAttribute(node, 'title', gain.note);
}

function drawBest(status: Status, value: HTMLElement, note: HTMLButtonElement, params: HTMLElement): void {
  const { best, metric } = status;
  if (!best) {
    setText(value, '–');
    note.disabled = true;
    setText(
      note,
      hasEnded(status.state) ? `no trial brought a value of ${metric}` : `best ${metric}: no trial has finished yet`
    );
    params.replaceChildren();
    return;
  }
  setText(value, formatNumber(best.value));
  setAttribute(value, 'title', String(best.value));
  note.disabled = false;
  setText(note, `best ${metric}, trial ${best.number}`);
  const chips = Object.entries(best.params).map(([name, cell]) =>
    element(
      'span',
      { class: 'jt-param', title: `${name} = ${cell === null ? choiceName(cell) : String(cell)}` },
      element('span', { class: 'jt-param-name' }, name),
      element('span', { class: 'jt-param-value' }, formatCell(cell))
    )
  );
  setChildren(params, chips);
}
