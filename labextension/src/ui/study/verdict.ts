/** Says on top that every trial so far has failed, with the first error and the line of the cell that raised it. */
import type { Status } from '../../wire/protocol';
import type { Store } from '../../wire/store';
import { button, element, whenChanged } from '../page/dom';
import type { Part } from '../page/part';

interface Verdict {
  readonly words: string;
  readonly text: string;
  readonly where: string;
  readonly trial: number | null;
}

export function createVerdict(store: Store): Part {
  const node = element('div', { class: 'jt-notice', 'data-level': 'error', role: 'alert', testid: 'verdict' });
  const show = whenChanged((verdict: Verdict | null) => {
    if (!verdict) return;
    const { words, text, where, trial } = verdict;
    const link = button(`Trial ${trial}`, { class: 'jt-link' }, () => {
      store.select(trial);
    });
    const place = where === '' ? null : element('p', {}, 'In the cell, ', element('code', {}, where));
    const body = element('div', {}, element('strong', {}, words), ' ', element('code', {}, text), place);
    node.replaceChildren(...(trial === null ? [body] : [body, link]));
  });
  return {
    node,
    draw() {
      const verdict = verdictOf(store.tables.status);
      node.hidden = verdict === null;
      show(verdict);
    }
  };
}

export function everyTrialFailed({ counts }: Status): boolean {
  return counts.failed > 0 && counts.complete + counts.pruned === 0;
}

function verdictOf(status: Status): Verdict | null {
  const { counts, errors = [] } = status;
  if (!everyTrialFailed(status)) return null;
  const all = counts.failed === 1 ? 'The only trial so far failed:' : `All ${counts.failed} trials so far failed:`;
  const words = counts.running + counts.waiting > 0 ? all : 'Every trial failed:';
  // the errors come by how often they were raised: the first to be raised has the lowest number
  const [first] = [...errors].sort((a, b) => (a.trials[0] ?? 0) - (b.trials[0] ?? 0));
  const { text = 'no error was recorded', where = '', trials = [] } = first ?? {};
  return { words, text, where, trial: trials[0] ?? null };
}
