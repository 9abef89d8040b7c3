/** The best trial so far: its value, which it is, when it was found, its parameters; and how much better it may get. */
import { canWrite, write, type Writing } from '../../doors';
import { choiceName, formatClock, formatMoment, formatNumber, formatValue } from '../../params/format';
import { hasEnded, type BestTrial, type Landscape, type Status } from '../../wire/protocol';
import type { Store } from '../../wire/store';
import type { Rows } from '../../wire/tables';
import { button, copyText, element, setAttribute, setText, whenChanged } from '../page/dom';
import type { Part } from '../page/part';

/** A share of the spread of the results: a smaller difference changes no conclusion. */
const NEGLIGIBLE = 1e-3;

export interface Best extends Part {
  /** The study's age has changed. */
  readonly tick: (elapsed_s: number) => void;
}

export function createBest(store: Store): Best {
  const value = element('div', { class: 'jt-best-value', testid: 'best-value' });
  const which = button('', { class: 'jt-link', testid: 'best-trial' }, () => {
    const { best, leader } = store.tables.status;
    store.select((best ?? leader)?.number ?? null);
  });
  const since = element('div', { class: 'jt-best-since', testid: 'best-since' });
  const params = element('div', { class: 'jt-best-params', testid: 'best-params' });
  const gain = element('div', { class: 'jt-gain', testid: 'gain' });
  const main = element('div', { class: 'jt-best-main' }, value, element('div', {}, which, since));
  const node = element('div', { class: 'jt-best' }, main, params, gain);
  const drawParams = whenChanged((best: BestTrial['params']) => {
    const chips = Object.entries(best).map(([name, cell]) =>
      element(
        'span',
        { class: 'jt-param', title: `${name} = ${choiceName(cell)}` },
        element('span', { class: 'jt-param-name' }, name),
        element('span', { class: 'jt-param-value' }, formatValue(cell))
      )
    );
    params.replaceChildren(...chips);
  });

  const copy = button('Copy as Python', { class: 'jt-link', testid: 'copy-best' }, () => {
    const literal = store.tables.status.best?.literal ?? '';
    void copyText(literal).then(copied => {
      store.mention(copied ? `Copied: ${literal}` : `The browser does not allow copying: ${literal}`);
    });
  });
  setAttribute(copy, 'title', 'Copy the best parameters as a Python dict');
  const writes = (label: string, testid: string, title: string, what: Writing): HTMLButtonElement =>
    button(label, { class: 'jt-link', testid, title }, () => {
      store.mention(write(node, what) ?? 'The cell of this study cannot be changed here.');
    });
  const apply = writes('Apply best', 'apply-best', 'Write the best values into the cell, as its defaults', 'best');
  const narrow = writes(
    'Narrow around best',
    'narrow-best',
    'Write ranges around the best trials into the cell; a study that runs searches them too',
    'ranges'
  );
  node.insertBefore(element('div', { class: 'jt-best-actions' }, apply, narrow, copy), gain);
  const drawWrites = (): void => {
    const { best, around_best = {} } = store.tables.status;
    const isWritable = (best !== null || Object.keys(around_best).length > 0) && canWrite(node);
    apply.hidden = !best || !isWritable;
    narrow.hidden = Object.keys(around_best).length === 0 || !isWritable;
  };
  // whether there is a cell to write into is known when the dashboard stands in one, which may be after it was drawn
  const observer = typeof IntersectionObserver === 'undefined' ? null : new IntersectionObserver(drawWrites);
  observer?.observe(node);

  return {
    node,
    draw() {
      const { status, landscape, trials } = store.tables;
      const best = status.best ?? status.leader ?? null;
      setText(value, best ? formatNumber(best.value) : '–');
      // what is said then is why there is none
      value.hidden = !best && Boolean(status.found);
      setAttribute(value, 'title', best ? String(best.value) : '');
      value.classList.toggle('jt-unsettled', status.best === null);
      which.disabled = !best;
      setText(which, whichText(status));
      drawParams(best?.params ?? {});
      copy.hidden = !status.best?.literal;
      drawWrites();
      drawGain(landscape, trials, status, gain);
    },
    dispose() {
      observer?.disconnect();
    },
    tick(elapsed_s) {
      const { status } = store.tables;
      const at = status.best?.at_s ?? null;
      const over = store.saved || hasEnded(status.state);
      const found = at === null ? '' : `found at ${formatMoment(at)}`;
      setText(since, found && !over ? `${found}, unbeaten for ${formatClock(elapsed_s - (at ?? 0))}` : found);
    }
  };
}

function whichText({ best, leader, metric, state, found, nonfinite = 0 }: Status): string {
  if (found) return found;
  if (best) {
    const which = `best ${metric}, trial ${best.number}${best.ran_as ? ` (from ${best.ran_as})` : ''}`;
    if (!best.spread) {
      return which;
    }
    // a deviation belongs to the number before these words
    return best.spread.startsWith('±') ? `${best.spread}, ${which}` : `${which}, ${best.spread}`;
  }
  if (leader) {
    const how = leader.state === 'pruned' ? 'pruned' : hasEnded(state) ? 'not finished' : 'still running';
    return `best ${metric} so far, trial ${leader.number}, ${how}`;
  }
  if (nonfinite > 0) return `No trial reported a finite ${metric}`;
  return hasEnded(state) ? `No trial reported ${metric}` : `No trial has reported ${metric} yet`;
}

function drawGain(landscape: Landscape | null, trials: Rows, status: Status, node: HTMLElement): void {
  const gain = landscape?.gain;
  const negligible = gain ? gain.value < NEGLIGIBLE * spreadOf(trials, status.best?.value ?? 0) : false;
  // the status line has the gain of more trials than one, where that is known
  node.hidden = !gain || hasEnded(status.state) || (Boolean(status.gain) && !negligible);
  if (!gain) return;
  const amount = negligible ? 'negligible, you could stop' : formatNumber(gain.value);
  setText(node, `Expected improvement: ${amount}`);
  setAttribute(node, 'title', `${formatNumber(gain.value)}: ${gain.note}`);
}

/** How far the middle complete trial is from the best: robust where a few have diverged. */
function spreadOf({ state = [], value = [] }: Rows, best: number): number {
  const complete = value.filter((cell, row) => state[row] === 'complete' && typeof cell === 'number').map(Number);
  complete.sort((a, b) => a - b);
  return Math.abs((complete[complete.length >> 1] ?? best) - best) || Math.abs(best);
}
