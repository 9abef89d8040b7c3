/**
 * The selected trial: its parameters, its result, how it went and what it printed, and what can be done about it. The log
 * is asked for when a trial is selected, again while it runs, and once more when it has ended.
 */
import { formatCell, formatDuration, formatNumber, formatValue } from '../../params/format';
import { shownState, STATE_COLOURS } from '../../wire/palette';
import { columnOf, objectivesOf } from '../../wire/metrics';
import { hasEnded, type Cell, type Params, type Status, type TrialState } from '../../wire/protocol';
import type { Store } from '../../wire/store';
import { isNone, PARAMETER_PREFIX, rowOfTrial, type Rows } from '../../wire/tables';
import { nonfiniteText, sourceText, tagsOf, whyText } from './trial_columns';
import { button, element, setText, whenChanged } from '../page/dom';
import type { Part } from '../page/part';
import { createAnnotations } from '../notes/annotations';
import { createSparkline } from './sparkline';

const LOG_INTERVAL_MS = 2000;
/** Characters; a longer one gets a line for itself. */
const LONG_FACT = 18;
/** Pixels from its end at which a log still counts as read to the end: it is then kept there. */
const END_OF_LOG = 4;

type Fact = readonly [name: string, text: string];

export function createDetail(store: Store): Part {
  let asked: { readonly trial: number; readonly state: unknown } | null = null;

  const title = element('h3');
  const close = button('×', { class: 'jt-dismiss', 'aria-label': 'Close the trial', title: 'Close (Escape)' }, () => {
    store.select(null);
  });
  const prune = requestButton('Prune', 'prune', 'End it; its best reading counts', trial => {
    store.send({ type: 'halt', trial, state: 'pruned' });
  });
  const cancel = requestButton('Cancel', 'cancel', 'End it; it does not count', trial => {
    store.send({ type: 'halt', trial, state: 'cancelled' });
  });
  const again = requestButton('Run again', 'run-again', 'Queue the same values again', () => {
    const row = selectedRow();
    if (row >= 0) store.send({ type: 'enqueue', params: paramsOf(store.tables.trials, row) });
  });
  const retry = requestButton('Retry', 'retry', 'Run this trial again, as a new attempt', trial => {
    store.send({ type: 'retry', which: trial });
  });
  const actions = element('div', { class: 'jt-actions jt-sends' }, prune, cancel, retry, again);
  const facts = element('dl', { class: 'jt-facts-list' });
  const params = element('dl', { class: 'jt-facts-list jt-params-list', testid: 'detail-params' });
  const sparkline = createSparkline();
  const written = createAnnotations(store, 'the trial', 'trial');
  const error = element('pre', { class: 'jt-error' });
  const log = element('pre', { class: 'jt-log-text', tabindex: '0', 'aria-label': 'What the trial printed' });
  const logBox = element('div', { class: 'jt-log', testid: 'log' }, error, log);
  const gone = element('p', { class: 'jt-hint' }, 'This trial is not in the table of this large study.');
  const body = element(
    'div',
    { class: 'jt-detail-body' },
    actions,
    written.node,
    params,
    facts,
    sparkline.node,
    logBox
  );
  const node = element(
    'aside',
    { class: 'jt-detail', testid: 'detail', 'aria-label': 'The selected trial' },
    element('div', { class: 'jt-card-head' }, title, close),
    gone,
    body
  );

  function requestButton(label: string, testid: string, hint: string, act: (trial: number) => void): HTMLButtonElement {
    const made = button(label, { class: 'jt-button', testid, title: hint }, () => {
      if (store.selected !== null) act(store.selected);
      made.disabled = true;
    });
    return made;
  }
  const selectedRow = (): number => (store.selected === null ? -1 : rowOfTrial(store.tables.trials, store.selected));
  const askForLog = (): void => {
    if (store.selected !== null) store.send({ type: 'log', trial: store.selected });
  };
  const timer = setInterval(() => {
    const { trials, status } = store.tables;
    const running = trials.state?.[selectedRow()] === 'running' && !hasEnded(status.state);
    if (running && node.isConnected && document.visibilityState !== 'hidden') askForLog();
  }, LOG_INTERVAL_MS);

  const [drawFacts, drawParams] = [factList(facts), factList(params)];
  const drawLog = (trial: number, row: number): void => {
    const known = store.logs.get(trial);
    const brief = String(store.tables.trials.error?.[row] ?? '');
    const problem = known && known.error !== '' ? known.error : brief;
    setText(error, problem);
    error.hidden = problem === '';
    log.hidden = store.saved && !known;
    const words = known ? known.text || 'This trial printed nothing.' : 'Fetching the log…';
    // to ask where it is scrolled costs a layout of the page
    if (log.textContent === words) return;
    const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - END_OF_LOG;
    log.textContent = words;
    log.classList.toggle('jt-quiet', !known?.text);
    if (atEnd) log.scrollTop = log.scrollHeight;
  };

  const draw = (): void => {
    const { trials, points, status } = store.tables;
    const trial = store.selected;
    node.hidden = trial === null;
    if (trial === null) {
      written.show(null);
      asked = null;
      return;
    }
    const row = selectedRow();
    setText(title, `Trial ${trial}`);
    gone.hidden = row >= 0;
    body.hidden = row < 0;
    if (row < 0) return;
    const state = String(trials.state?.[row] ?? '') as TrialState;
    if (asked?.trial !== trial || asked.state !== state) {
      asked = { trial, state };
      askForLog();
      for (const made of [prune, cancel, retry, again]) made.disabled = false;
    }
    const live = store.steerable || status.state === 'stopping';
    prune.hidden = !live || state !== 'running' || (trials.step?.[row] ?? null) === null;
    cancel.hidden = !live || (state !== 'running' && state !== 'waiting');
    // an ended study goes on for it, with this trial only
    const mayRun = store.steerable || (status.state === 'ended' && !store.saved);
    retry.hidden = !mayRun || state !== 'failed';
    again.hidden = !mayRun || state === 'failed';
    actions.hidden = [prune, cancel, retry, again].every(made => made.hidden);
    const shown = shownState(state, status.state);
    drawFacts(factsOf(trials, row, status, shown));
    written.show({ of: trial, tags: tagsOf(trials, row), note: String(trials.note?.[row] ?? '') });
    drawParams(Object.entries(paramsOf(trials, row)).map(([name, cell]) => [name, formatValue(cell)]));
    const { number = [], step = [], value = [] } = points;
    // a report of NaN or of infinity came as no value
    const own = number.flatMap((known, at) => (known === trial && (value[at] ?? null) !== null ? [at] : []));
    const column = (cells: readonly Cell[]): number[] => own.map(at => Number(cells[at]));
    sparkline.draw(column(step), column(value), STATE_COLOURS[shown]);
    drawLog(trial, row);
  };

  return {
    node,
    draw,
    dispose() {
      clearInterval(timer);
    }
  };
}

/** The trial's own parameters; a conditional one that it does not have is left out. */
function paramsOf(trials: Rows, row: number): Params {
  const own = Object.entries(trials).filter(
    ([key, column]) => key.startsWith(PARAMETER_PREFIX) && ((column[row] ?? null) !== null || isNone(trials, key, row))
  );
  return Object.fromEntries(own.map(([key, column]) => [key.slice(PARAMETER_PREFIX.length), column[row] ?? null]));
}

function factsOf(trials: Rows, row: number, status: Status, state: string): Fact[] {
  const cell = (key: string): Cell => trials[key]?.[row] ?? null;
  const nonfinite = nonfiniteText(trials, row);
  const shown = (column: string): string => {
    const value = cell(column) ?? (column === 'value' ? cell('last') : null);
    const unsettled = cell('value') === null && value !== null;
    return typeof value === 'number' ? formatNumber(value) + (unsettled ? ' so far' : '') : 'none';
  };
  const metrics = objectivesOf(status).map(({ metric }): Fact => {
    const column = columnOf(status, metric);
    return [metric || 'value', (column === 'value' && nonfinite) || shown(column)];
  });
  const facts: Fact[] = [
    ['state', state],
    ...metrics,
    ['measured', String(cell('spread') ?? '')],
    ['standing', String(cell('standing') ?? '')],
    ['violates', String(cell('violates') ?? '')],
    ['step', formatCell(cell('step'))],
    ['duration', formatDuration(cell('duration_s') as number | null)],
    ['from', sourceText(cell('source'))],
    ['libraries', otherVersionsText(cell('versions'))],
    ['code', cell('code') === null ? '' : `version ${formatCell(cell('code'))}`],
    ['why it ended', cell('error') ? '' : whyText(trials, row)]
  ];
  return facts.filter(([, text]) => text !== '' && text !== '–');
}

/** The libraries that were not the notebook's; empty where all were. */
function otherVersionsText(versions: Cell): string {
  return versions ? `${String(versions)}, unlike the notebook` : '';
}

function factList(list: HTMLElement): (facts: readonly Fact[]) => void {
  return whenChanged(facts => {
    const pairs = facts.map(([name, text]) => {
      const wide = text.length > LONG_FACT ? 'jt-wide' : undefined;
      return element('div', { class: wide }, element('dt', {}, name), element('dd', { title: text }, text));
    });
    list.replaceChildren(...pairs);
  });
}
