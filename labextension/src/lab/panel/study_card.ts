/** One study in the panel: how it stands, in a few lines, and what can be done with it. */
import { formatClock, formatValue } from '../../params/format';
import { hasEnded } from '../../wire/protocol';
import { shownState, STATE_COLOURS, STATE_ORDER } from '../../wire/palette';
import { button, element, setAttribute, setText, svgElement, whenChanged } from '../../ui/page/dom';
import { placer } from '../../ui/trials/sparkline';
import type { Actions } from '../served/actions';
import { isLive, type Row } from '../served/row';
import { bestInWords, progressInWords, shareDone } from '../served/words';

const [WIDTH, HEIGHT, ROOM] = [96, 24, 2];

export interface StudyCard {
  readonly node: HTMLLIElement;
  readonly isChosen: boolean;
  draw(row: Row): void;
}

interface Surroundings {
  readonly actions: Actions;
  /** Runs what a button does, and shows what is refused. */
  readonly act: (act: () => Promise<void>) => void;
  readonly onChoice: () => void;
}

export function createStudyCard(first: Row, { actions, act, onChoice }: Surroundings): StudyCard {
  let row = first;
  const choice = element('input', { type: 'checkbox', class: 'jt-panel-choice' });
  choice.addEventListener('change', onChoice);
  const name = button('', { class: 'jt-panel-name', testid: 'open-dashboard' }, () => {
    act(() => actions.openDashboard(row));
  });
  const state = element('span', { class: 'jt-panel-state', testid: 'study-state' });
  const best = element('span', { class: 'jt-panel-best', testid: 'study-best' });
  const line = createSpark();
  const bar = createBar();
  const progress = element('p', { class: 'jt-panel-progress', testid: 'study-progress' });
  const where = element('p', { class: 'jt-panel-where' });

  const does = (label: string, title: string, testid: string, what: () => Promise<void>): HTMLButtonElement =>
    button(label, { class: 'jt-panel-button', title, testid }, () => {
      act(what);
    });
  const stop = does('Stop', 'End the study: its running trials are cancelled, its results stay', 'panel-stop', () =>
    actions.request(row, { type: 'stop' })
  );
  const pause = does('Pause', 'Start no further trials; running ones go on', 'panel-pause', () =>
    actions.request(row, { type: 'pause' })
  );
  const unpause = does('Go on', 'Start trials again', 'panel-unpause', () => actions.request(row, { type: 'resume' }));
  const resume = does('Resume', 'Go on with the study, in the notebook that began it', 'panel-resume', () =>
    actions.resume(row)
  );
  const notebook = does('Notebook', 'Open its notebook at its cell', 'open-notebook', () => actions.openNotebook(row));
  const remove = does('Delete', 'Delete the study with its files', 'panel-delete', () => actions.delete(row));
  const buttons = element('div', { class: 'jt-panel-buttons' }, stop, pause, unpause, resume, notebook, remove);

  const node = element(
    'li',
    { class: 'jt-panel-study', testid: 'panel-study' },
    element('div', { class: 'jt-panel-head' }, choice, name, state),
    element('div', { class: 'jt-panel-result' }, best, line.node),
    bar.node,
    progress,
    where,
    buttons
  );

  return {
    node,
    get isChosen() {
      return choice.checked;
    },
    draw(next) {
      row = next;
      const live = isLive(row);
      const paused = row.state === 'paused';
      setAttribute(node, 'data-path', row.path);
      setAttribute(node, 'data-state', row.state || 'broken');
      setAttribute(choice, 'aria-label', `Compare ${row.name}`);
      choice.disabled = row.error !== null;
      setText(name, row.name);
      setAttribute(name, 'title', `Open the dashboard of ${row.path}`);
      name.disabled = row.error !== null;
      setText(state, row.error === null ? `${row.state}${row.is_detached ? ', detached' : ''}` : 'unreadable');
      setText(best, bestInWords(row));
      setAttribute(best, 'title', paramsInWords(row));
      line.draw(row);
      bar.draw(row);
      setText(progress, progressInWords(row));
      setText(where, placeInWords(row));
      stop.hidden = pause.hidden = !live;
      stop.disabled = row.state === 'stopping';
      pause.hidden = !live || paused || row.state === 'stopping';
      unpause.hidden = !paused;
      resume.hidden = live || row.error !== null || row.kind === '';
      notebook.hidden = row.notebook === null;
      remove.hidden = live;
    }
  };
}

function paramsInWords({ best_params, best_trial }: Row): string {
  if (!best_params) return '';
  const params = Object.entries(best_params).map(([name, value]) => `${name} = ${formatValue(value)}`);
  return [`trial ${best_trial ?? ''}`, ...params].join('\n');
}

function placeInWords({ folder, opened_at, changed_at, reason, state }: Row): string {
  const took = opened_at === null || changed_at === null ? '' : formatClock(changed_at - opened_at);
  const why = state === 'ended' || state === 'stopping' ? reason : '';
  return [folder, took && state !== '' && hasEnded(state) ? `ran ${took}` : '', why].filter(Boolean).join(' · ');
}

/** The best value so far, from the first trial to the last. */
function createSpark(): { readonly node: SVGElement; readonly draw: (row: Row) => void } {
  const path = svgElement('polyline', { fill: 'none', 'stroke-width': '1.5', 'vector-effect': 'non-scaling-stroke' });
  path.setAttribute('stroke', STATE_COLOURS.complete);
  const node = svgElement('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'jt-panel-spark', role: 'img' }, path);
  const draw = whenChanged((values: readonly number[]) => {
    node.style.visibility = values.length < 2 ? 'hidden' : '';
    const [x, y] = [placer([0, values.length - 1], ROOM, WIDTH - ROOM), placer(values, HEIGHT - ROOM, ROOM)];
    const points = values.map((value, at) => `${x(at)},${y(value)}`);
    path.setAttribute('points', points.join(' '));
  });
  return {
    node,
    draw({ spark, metric }) {
      setAttribute(node, 'aria-label', `Best ${metric} so far`);
      draw(spark);
    }
  };
}

/** Trials by state, of the budget. */
function createBar(): { readonly node: HTMLElement; readonly draw: (row: Row) => void } {
  const node = element('div', {
    class: 'jt-panel-bar',
    role: 'progressbar',
    'aria-valuemin': '0',
    'aria-valuemax': '100'
  });
  const draw = whenChanged(
    ({ counts, whole, state }: { counts: Row['counts']; whole: number; state: Row['state'] }) => {
      const parts = STATE_ORDER.filter(each => each !== 'waiting').map(each => {
        const part = element('span', { title: `${counts[each] ?? 0} ${each}` });
        part.style.width = `${(100 * (counts[each] ?? 0)) / Math.max(1, whole)}%`;
        part.style.background = STATE_COLOURS[shownState(each, state || 'ended')];
        return part;
      });
      node.replaceChildren(...parts);
    }
  );
  return {
    node,
    draw(row) {
      const share = shareDone(row);
      node.hidden = row.error !== null;
      setAttribute(node, 'aria-label', `Trials of ${row.name}`);
      if (share === null) node.removeAttribute('aria-valuenow');
      else setAttribute(node, 'aria-valuenow', String(Math.round(100 * share)));
      setAttribute(node, 'aria-valuetext', progressInWords(row));
      draw({ counts: row.counts, whole: Math.max(row.budget ?? 0, row.trials), state: row.state });
    }
  };
}
