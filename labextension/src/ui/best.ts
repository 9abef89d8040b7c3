/** The best trial so far: its value, which it is, since when it leads, its parameters; and what to hope for. */
import { choiceName, formatClock, formatNumber, formatValue } from '../core/format';
import { hasEnded, type BestTrial, type Landscape, type Status } from '../core/protocol';
import type { Store } from '../core/store';
import { button, element, setAttribute, setText, whenChanged } from './dom';
import type { Part } from './part';

export interface Best extends Part {
  /** The study's age has changed. */
  readonly tick: (elapsed_s: number) => void;
}

export function createBest(store: Store): Best {
  const value = element('div', { class: 'jt-best-value', testid: 'best-value' });
  const which = button('', { class: 'jt-link', testid: 'best-trial' }, () => {
    store.select(store.tables.status.best?.number ?? null);
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

  return {
    node,
    draw() {
      const { status, landscape } = store.tables;
      const { best } = status;
      setText(value, best ? formatNumber(best.value) : '–');
      setAttribute(value, 'title', best ? String(best.value) : '');
      which.disabled = !best;
      setText(which, whichText(status));
      drawParams(best?.params ?? {});
      drawGain(landscape, status, gain);
    },
    tick(elapsed_s) {
      const { status } = store.tables;
      const at = status.best?.at_s ?? null;
      const over = store.saved || hasEnded(status.state);
      const age = formatClock(elapsed_s - (at ?? 0));
      setText(since, at === null ? '' : over ? `found ${age} before the end` : `unbeaten for ${age}`);
    }
  };
}

function whichText({ best, metric, state }: Status): string {
  if (best) return `best ${metric}, trial ${best.number}`;
  return hasEnded(state) ? `no trial brought a value of ${metric}` : `best ${metric}: no trial has finished yet`;
}

function drawGain(landscape: Landscape | null, { state }: Status, node: HTMLElement): void {
  const gain = landscape?.gain;
  node.hidden = !gain || hasEnded(state);
  if (!gain) return;
  setText(node, `Likely gain of the next trial: ${formatNumber(gain.value)}`);
  setAttribute(node, 'title', gain.note);
}
