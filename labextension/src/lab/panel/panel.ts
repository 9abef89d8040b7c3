/** The panel's inside: all studies of the server. Loaded when the panel is opened first. */
import '../../../style/panel.css';
import { button, element, keepKeys, setChildren, setText } from '../../ui/page/dom';
import type { Actions } from '../served/actions';
import type { Studies } from '../served/studies';
import type { Row } from '../served/row';
import { createStudyCard, type StudyCard } from './study_card';

/** Milliseconds between two drawings: studies may change many times a second. */
const DRAW_MS = 100;

const NONE = 'No studies below this server’s folder yet. Run a %%tune cell, and it is listed here.';

/** Shows the studies in `host`; returns the cleanup. */
export function mountPanel(host: HTMLElement, studies: Studies, actions: Actions): () => void {
  const cards = new Map<string, StudyCard>();
  const words = element('p', { class: 'jt-panel-words', role: 'status', testid: 'panel-words' });
  const refused = element('p', { class: 'jt-panel-refused', role: 'alert', testid: 'panel-refused' });
  const filter = element('input', {
    type: 'search',
    class: 'jt-panel-filter jp-mod-styled',
    placeholder: 'Filter',
    title: 'By name, folder, metric or tag',
    'aria-label': 'Filter studies'
  });
  filter.addEventListener('input', () => {
    draw();
  });
  keepKeys(filter, () => filter.value);
  const compare = button('Compare', { class: 'jt-panel-button', testid: 'panel-compare' }, () => {
    act(() => actions.compare(chosen()));
  });
  const list = element('ul', { class: 'jt-panel-list', 'aria-label': 'Studies' });
  const root = element('div', { class: 'jt-panel', testid: 'jupyter-tune-panel' });
  root.append(element('div', { class: 'jt-panel-top' }, filter, compare), refused, words, list);
  host.append(root);

  const chosen = (): Row[] => studies.list().filter(({ path }) => cards.get(path)?.isChosen);
  const act = (what: () => Promise<void>): void => {
    setText(refused, '');
    what().catch((error: unknown) => {
      setText(refused, error instanceof Error ? error.message : String(error));
    });
  };
  const cardOf = (row: Row): StudyCard => {
    const known = cards.get(row.path);
    if (known) return known;
    const card = createStudyCard(row, { actions, act, onChoice: drawCompare });
    cards.set(row.path, card);
    return card;
  };
  const drawCompare = (): void => {
    const count = chosen().length;
    compare.disabled = count < 2;
    compare.title = count < 2 ? 'Choose two studies or more' : `Compare ${count} studies in one chart`;
  };

  let due: number | null = null;
  const draw = (): void => {
    due = null;
    const rows = studies.list();
    const shown = rows.filter(row => matches(row, filter.value));
    for (const path of cards.keys()) if (!studies.get(path)) cards.delete(path);
    for (const row of shown) cardOf(row).draw(row);
    setChildren(
      list,
      shown.map(row => cardOf(row).node)
    );
    setText(words, wordsOn(studies, rows.length, shown.length));
    words.hidden = words.textContent === '';
    drawCompare();
  };
  const changed = (): void => {
    due ??= window.setTimeout(draw, DRAW_MS);
  };
  studies.changed.connect(changed);
  studies.begin();
  draw();
  return () => {
    studies.changed.disconnect(changed);
    if (due !== null) clearTimeout(due);
    root.remove();
  };
}

function wordsOn(studies: Studies, all: number, shown: number): string {
  if (studies.error !== null) return `The studies cannot be listed: ${studies.error}`;
  if (!studies.isRead) return 'Looking for studies …';
  if (studies.unread > 0) return `Reading ${studies.unread} more …`;
  if (all === 0) return NONE;
  return shown === 0 ? `None of ${all} studies fits the filter.` : '';
}

function matches(row: Row, filter: string): boolean {
  const tags = Object.entries(row.tags).map(([key, value]) => `${key}=${String(value)}`);
  const text = [row.path, row.metric, row.state, ...row.further, ...tags].join(' ').toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word));
}
