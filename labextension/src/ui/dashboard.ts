/** The dashboard of one study: lays out its parts, draws them when the store changes, and takes all away again. */
import { offerLooks, type Looks } from '../doors';
import { sameItems } from './page/same';
import type { Store } from '../wire/store';
import { createAdvice } from './study/advice';
import { createAgain } from './study/again';
import { createChangeList } from './steering/change_list';
import { createCards } from './charts/cards';
import { createDetail } from './trials/detail';
import { element, setAttribute } from './page/dom';
import { createErrors } from './trials/errors';
import { createExplore } from './explore/explore';
import { createHeader } from './study/header';
import { createNextTrials } from './steering/next_trials';
import { createNotices } from './study/notices';
import { createPainter } from './page/painter';
import type { Part } from './page/part';
import { createRanges } from './steering/ranges';
import { createSilence } from './study/silence';
import { followTheme } from './charts/theme';
import { createTrialTable } from './trials/trial_table';
import { createUndrawn } from './charts/undrawn';
import { createVerdict } from './study/verdict';
import { createWays } from './study/ways';

export function mountDashboard(host: HTMLElement, store: Store): () => void {
  const charts = createCards(store);
  const explore = createExplore(store);
  const silence = createSilence(store);
  const notices = createNotices(store);
  const verdict = createVerdict(store);
  const undrawn = createUndrawn(store);
  charts[1].node.append(undrawn.node);
  const ways = createWays(store);
  const again = createAgain(store);
  const header = createHeader(store);
  const advice = createAdvice(store);
  const ranges = createRanges(store);
  const next = createNextTrials(store);
  const changed = createChangeList(store);
  const errors = createErrors(store);
  const table = createTrialTable(store);
  const detail = createDetail(store);
  // the explore card also has words (selects, tabs): it is drawn with them, its charts by their own painters
  const words: readonly Part[] = [
    silence,
    notices,
    ways,
    again,
    advice,
    explore,
    ranges,
    next,
    changed,
    errors,
    table,
    detail,
    verdict,
    undrawn
  ];

  const side = element('div', { class: 'jt-side' }, ranges.node, next.node, changed.node);
  const trials = element(
    'section',
    { class: 'jt-card jt-trials-card', 'aria-label': 'Trials and the selected one' },
    table.node,
    detail.node
  );
  const cards = [...charts, explore].map(({ node }) => node);
  const grid = element(
    'div',
    { class: 'jt-grid' },
    silence.node,
    notices.node,
    verdict.node,
    ways.node,
    again.node,
    header.node,
    advice.node,
    ...cards,
    side,
    errors.node,
    trials
  );
  const root = element('section', { class: 'jt-dashboard', testid: 'jupyter-tune-dashboard' }, grid);
  root.classList.toggle('jt-saved', store.saved);
  root.addEventListener('focusin', keepShortcutsAway);
  root.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || store.selected === null) return;
    event.stopPropagation();
    store.select(null);
  });
  host.append(root);
  const looks = (): Looks => ({ selected: store.selected, view: explore.chosen(), ...table.looks() });
  offerLooks(root, looks, shown => {
    store.select(shown.selected);
    table.show(shown);
    if (shown.view !== null) explore.choose(shown.view);
  });

  const painter = createPainter(root, () => {
    setAttribute(root, 'aria-label', `Study ${store.tables.status.name}`);
    setAttribute(root, 'data-state', store.tables.status.state);
    trials.classList.toggle('jt-with-detail', store.selected !== null);
    for (const part of words) part.draw();
  });
  // how far the study is can be read also while its charts take all the time that they may
  const first = createPainter(header.node, header.draw, { ahead: true });
  // the user waits for these after a click: they are seen at once
  const awaited = (): readonly unknown[] => [store.selected, store.notices, store.logs.size, store.tables.status.state];
  let known = awaited();
  const unsubscribe = store.subscribe(() => {
    for (const { request, now } of [first, painter]) {
      if (sameItems(awaited(), known)) request();
      else now();
    }
    known = awaited();
    for (const chart of charts) chart.draw();
  });
  const stopWatching = followTheme(root, () => {
    for (const chart of [...charts, explore]) chart.redraw();
  });
  const unmount = (): void => {
    unsubscribe();
    stopWatching();
    first.dispose();
    painter.dispose();
    for (const part of [...words, header, ...charts]) part.dispose?.();
    root.remove();
  };
  try {
    first.now();
    painter.now();
  } catch (error) {
    unmount(); // a saved study may be broken in any way
    throw error;
  }
  for (const chart of charts) chart.draw();
  return unmount;
}

/**
 * JupyterLab's "d d" deletes the cell also while a button of its output has the focus: its selectors end in `:focus`, and
 * Lumino looks for this attribute from the focused element upwards, but tries the selector first. So the attribute has to
 * be on the very element that has the focus.
 */
function keepShortcutsAway(event: FocusEvent): void {
  if (event.target instanceof Element) event.target.setAttribute('data-lm-suppress-shortcuts', 'true');
}
