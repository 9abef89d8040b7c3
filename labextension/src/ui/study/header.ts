/** The top of the dashboard: which study, how far, how long, the best so far, and the controls. */
import { formatClock, formatNumber, formatTimeLeft } from '../../params/format';
import { createAnnotations } from '../notes/annotations';
import { shownState, STATE_COLOURS, STATE_ORDER } from '../../wire/palette';
import type { Status } from '../../wire/protocol';
import type { Store } from '../../wire/store';
import { createBest } from './best';
import { createControls } from './controls';
import { createFront } from './front';
import { createMachine } from './machine';
import { element, setAttribute, setText, whenChanged } from '../page/dom';
import type { Part } from '../page/part';
import { everyTrialFailed } from './verdict';

const CLOCK_MS = 1000;

export function createHeader(store: Store): Part {
  const name = element('span', { class: 'jt-name' });
  const badge = element('span', { class: 'jt-badge', testid: 'state' });
  const goal = element('span', { class: 'jt-goal' });
  const saved = element('span', { class: 'jt-goal' }, 'saved view');
  const controls = createControls(store);
  const words = element('div', { class: 'jt-title-text' }, name, badge, goal, saved);
  const title = element('div', { class: 'jt-title' }, words, controls.node);

  const progress = createProgress();
  const clock = element('span');
  const timeLeft = element('span');
  const gain = element('span', { testid: 'coming-gain' });
  const steps = element('span');
  const facts = element('div', { class: 'jt-facts' }, clock, timeLeft, gain, steps);
  const underBar = element('div', { class: 'jt-under-bar' }, progress.counts, facts);
  const reason = element('span', { class: 'jt-reason' });
  const machine = createMachine(store);
  const best = createBest(store);
  const front = createFront(store);
  const written = createAnnotations(store, 'the study', 'study');
  const node = element(
    'header',
    { class: 'jt-header' },
    title,
    progress.bar,
    underBar,
    reason,
    machine.node,
    best.node,
    front.node,
    written.node
  );

  const tick = (): void => {
    const { status } = store.tables;
    const runs = status.state === 'running' && !store.saved;
    const { elapsed_s } = store;
    const passed_s = elapsed_s - status.elapsed_s;
    setText(clock, formatClock(elapsed_s));
    setText(timeLeft, runs && status.eta_s !== null ? formatTimeLeft(status.eta_s - passed_s) : '');
    setAttribute(timeLeft, 'title', runs ? bandOf(status, passed_s) : '');
    best.tick(elapsed_s);
  };
  const timer = setInterval(tick, CLOCK_MS);

  return {
    node,
    draw() {
      const { status } = store.tables;
      setText(name, status.name);
      setText(badge, status.state);
      setAttribute(badge, 'data-state', status.state);
      setText(goal, status.aim ?? `${status.direction} ${status.metric}`);
      saved.hidden = !store.saved;
      controls.draw();
      progress.draw(status);
      setText(steps, stepsSaved(status));
      setText(gain, store.saved ? '' : gainText(status));
      setAttribute(gain, 'title', gainTitle(status));
      setText(reason, status.reason);
      // the cards on top have the same, and more of it
      reason.hidden = status.reason === '' || status.state === 'interrupted' || everyTrialFailed(status);
      machine.draw();
      best.draw();
      front.draw();
      best.node.hidden = !front.node.hidden;
      written.show({ of: null, tags: status.tags ?? [], note: status.note ?? '' });
      tick();
    },
    dispose() {
      clearInterval(timer);
      controls.dispose();
      best.dispose?.();
    }
  };
}

/** Between which times the study ends, 8 times of 10. */
function bandOf({ eta_low_s: low, eta_high_s: high }: Status, passed_s: number): string {
  if (low == null || high == null || low === high) return '';
  const [soonest, latest] = [low, high].map(seconds => formatClock(Math.max(0, seconds - passed_s)));
  return `${soonest} to ${latest} (80 % sure)`;
}

/** A band says no more than two digits. */
function amountOf(gain: number): string {
  return formatNumber(Number(gain.toPrecision(2)));
}

/** An end of the band that is so small a part of the other is none. */
const NEGLIGIBLE_END = 0.02;

/** What the coming trials may bring: "next 20 trials: likely 0.002 to 0.009 better". */
function gainText({ gain, metric }: Status): string {
  if (!gain) return '';
  const trials = gain.trials === 1 ? 'next trial' : `next ${gain.trials} trials`;
  if (gain.high <= 0) return `${trials}: ${metric} likely no better`;
  const from = gain.low > NEGLIGIBLE_END * gain.high ? `${amountOf(gain.low)} to` : 'up to';
  return `${trials}: ${metric} likely ${from} ${amountOf(gain.high)} better`;
}

function gainTitle({ gain, metric }: Status): string {
  if (!gain) return '';
  return `By the model, ${metric} becomes better by ${amountOf(gain.mean)} on average, and with 80 % by ${amountOf(gain.low)} to ${amountOf(gain.high)}`;
}

interface Counted {
  readonly total: string;
  readonly study: Status['state'];
  readonly ofState: Status['counts'];
  readonly nonfinite: number;
  readonly infeasible: number;
}

/** How far the study is: a bar with a segment for each state of its trials, and the same in words. */
function createProgress(): {
  readonly bar: HTMLElement;
  readonly counts: HTMLElement;
  readonly draw: (status: Status) => void;
} {
  const bar = element('div', { class: 'jt-progress', testid: 'progress', role: 'progressbar', 'aria-valuemin': '0' });
  const segments = STATE_ORDER.map(state => {
    const node = element('div', { class: 'jt-segment' });
    return [state, node] as const;
  });
  bar.append(...segments.map(([, node]) => node));
  const counts = element('div', { class: 'jt-counts', testid: 'counts' });
  const drawCounts = whenChanged(({ total, study, ofState, nonfinite, infeasible }: Counted) => {
    const parts = STATE_ORDER.filter(state => ofState[state] > 0).map(state => {
      const dot = element('span', { class: 'jt-dot', 'aria-hidden': 'true' });
      const shown = shownState(state, study);
      dot.style.backgroundColor = STATE_COLOURS[shown];
      return element('span', { class: 'jt-count' }, dot, `${ofState[state]} ${shown}`);
    });
    if (infeasible > 0) {
      const title = 'They are complete, violate a constraint, and are never the best';
      const mark = element('span', { class: 'jt-mark', 'data-standing': 'infeasible', 'aria-hidden': 'true' });
      parts.push(element('span', { class: 'jt-count', title }, mark, `${infeasible} infeasible`));
    }
    if (nonfinite > 0) {
      const title = 'They are complete or pruned, and never the best';
      parts.push(element('span', { class: 'jt-count jt-no-number', title }, `${nonfinite} with NaN or infinity`));
    }
    counts.replaceChildren(element('span', { class: 'jt-count-total' }, total), ...parts);
  });

  const draw = (status: Status): void => {
    const { state: study, counts: ofState, trials, nonfinite = 0, infeasible = 0 } = status;
    const known = STATE_ORDER.reduce((sum, state) => sum + ofState[state], 0);
    // pages saved before the status had it count those that never started too
    const done = status.done ?? known - ofState.running - ofState.waiting;
    const most = Math.max(trials ?? 0, known, 1);
    for (const [state, node] of segments) {
      const shown = shownState(state, study);
      setAttribute(node, 'data-state', shown);
      node.style.backgroundColor = STATE_COLOURS[shown];
      node.style.width = `${(100 * ofState[state]) / most}%`;
    }
    setAttribute(bar, 'aria-valuemax', String(most));
    setAttribute(bar, 'aria-valuenow', String(done));
    const total = trials === null ? `${done} trials` : `${done} of ${trials} trials`;
    setAttribute(bar, 'aria-label', `${total} finished`);
    setAttribute(bar, 'title', `${total} finished`);
    drawCounts({ total, study, ofState, nonfinite, infeasible });
  };
  return { bar, counts, draw };
}

function stepsSaved({ steps_done, steps_full }: Status): string {
  if (steps_full === null || steps_done <= 0 || steps_done >= steps_full) return '';
  const share = Math.round(100 * (1 - steps_done / steps_full));
  return share > 0
    ? `${share} % of the steps saved (${formatNumber(steps_done)} of ${formatNumber(steps_full)} run)`
    : '';
}
