/**
 * The table of trials: the best first, or sorted by any column, a bounded number of rows drawn. A row selects its trial, by a click or by
 * keys, and the selected trial's row is brought into sight, inside the table, however it was selected.
 */
import type { Looks, Sorting } from '../../doors';
import { shownState } from '../../wire/palette';
import { hasEnded, type Status, type StudyState, type TrialState } from '../../wire/protocol';
import { sameItems } from '../page/same';
import type { Store } from '../../wire/store';
import { rowCount, rowOfTrial, type Rows } from '../../wire/tables';
import { bestFirst, columnsOf, firstSorting, sortedRows, tagsOf, type TableColumn } from './trial_columns';
import { button, element, setAttribute, setChildren, setText, whenChanged } from '../page/dom';
import type { Part } from '../page/part';
import { createTagFilter } from './tag_filter';
import { createTrialRow, type TrialRow } from './trial_row';

const PAGE = 100;

export interface TrialTable extends Part {
  readonly looks: () => Pick<Looks, 'sorting' | 'tag'>;
  readonly show: (looks: Pick<Looks, 'sorting' | 'tag'>) => void;
}

export function createTrialTable(store: Store): TrialTable {
  /** Null until the user has chosen: the best first. */
  let chosen: Sorting | null = null;
  let limit = PAGE;
  let columns: readonly TableColumn[] = [];
  let rows: ReadonlyMap<number, TrialRow> = new Map();
  let seen: number | null = null;
  let drawn: readonly unknown[] = [];
  let filtered: Rows | null = null;

  const headRow = element('tr');
  const body = element('tbody');
  const table = element('table', { class: 'jt-table', testid: 'trials' }, element('thead', {}, headRow), body);
  const more = button('Show more', { class: 'jt-button jt-more', testid: 'show-more' }, () => {
    limit += PAGE;
    draw();
  });
  const total = element('span', { class: 'jt-hint' });
  const region = { class: 'jt-scroller', tabindex: '0', role: 'region', 'aria-label': 'Trials' };
  const scroller = element('div', region, table, more);
  const empty = element('p', { class: 'jt-empty' });
  const filter = createTagFilter(() => {
    draw();
  });
  const head = element('div', { class: 'jt-card-head' }, element('h3', {}, 'Trials'), total, filter.node);
  const node = element('div', { class: 'jt-trials' }, head, scroller, empty);
  goByArrows(body);

  const sortingNow = (): Sorting => chosen ?? bestFirst(store.tables.status);
  const createHeading = (column: TableColumn): HTMLElement => {
    const { key, label, numeric } = column;
    const sort = button(label, { class: 'jt-sort', title: `Sort by ${label}` }, () => {
      const before = sortingNow();
      const first = firstSorting(store.tables.status, column);
      chosen = before.key === key ? { key, descending: !before.descending } : first;
      draw();
    });
    return element('th', { scope: 'col', class: numeric ? 'jt-numeric' : '' }, sort);
  };
  const setColumns = whenChanged((next: readonly TableColumn[]) => {
    columns = next;
    rows = new Map();
    headRow.replaceChildren(...columns.map(createHeading));
  });
  const drawHead = (trials: Rows, sorting: Sorting): void => {
    setColumns(columnsOf(trials, store.tables.status));
    columns.forEach(({ key }, index) => {
      const order = key !== sorting.key ? 'none' : sorting.descending ? 'descending' : 'ascending';
      const heading = headRow.cells[index];
      if (heading) setAttribute(heading, 'aria-sort', order);
    });
  };

  const drawRow = (trials: Rows, index: number): readonly [number, TrialRow] => {
    const number = Number(trials.number?.[index]);
    const toggle = (): void => {
      store.select(store.selected === number ? null : number);
    };
    const row = rows.get(number) ?? createTrialRow(number, columns, toggle);
    row.fill(trials, index, store.selected === number);
    return [number, row];
  };

  const draw = (): void => {
    const { trials, status } = store.tables;
    const { selected } = store;
    const sorting = sortingNow();
    if (trials !== filtered) filter.draw((filtered = trials));
    const tag = filter.chosen();
    const inputs = [trials, selected, status.metric, status.state, sorting.key, sorting.descending, limit, tag];
    if (sameItems(inputs, drawn)) return;
    drawn = inputs;
    const none = rowCount(trials) === 0;
    empty.hidden = !none;
    scroller.hidden = none;
    setText(empty, emptyText(status));
    drawHead(trials, sorting);
    const sorted = sortedRows(trials, sorting, status.direction === 'maximize');
    const order = tag === '' ? sorted : sorted.filter(row => tagsOf(trials, row).includes(tag));
    const count = order.length;
    const found = selected !== null && seen !== selected ? order.indexOf(rowOfTrial(trials, selected)) : -1;
    limit = Math.max(limit, PAGE * Math.ceil((found + 1) / PAGE));
    const shown = withShownStates(trials, status.state);
    rows = new Map(order.slice(0, limit).map(index => drawRow(shown, index)));
    const nodes = [...rows.values()].map(row => row.node);
    setChildren(body, nodes);
    if (!body.querySelector('.jt-open[tabindex="0"]')) {
      body.querySelector('.jt-open')?.setAttribute('tabindex', '0');
    }
    more.hidden = count <= limit;
    setText(more, `Show ${Math.min(PAGE, count - limit)} more`);
    setText(total, tag === '' ? totalText(count, limit, status) : '');
    if (nodes[found]) bringIntoSight(scroller, nodes[found]);
    seen = selected;
  };
  return {
    node,
    draw,
    looks: () => ({ sorting: chosen, tag: filter.chosen() }),
    show({ sorting, tag }) {
      chosen = sorting;
      filter.choose(tag);
      draw();
    }
  };
}

/** The arrows go from row to row; one row is in the tab order, the last that had the focus. */
function goByArrows(body: HTMLElement): void {
  body.addEventListener('keydown', event => {
    const row = event.target instanceof HTMLElement ? event.target.closest('tr') : null;
    const sibling = { ArrowDown: row?.nextElementSibling, ArrowUp: row?.previousElementSibling }[event.key];
    const next = sibling?.querySelector<HTMLElement>('.jt-open');
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    next.focus();
  });
  body.addEventListener('focusin', event => {
    for (const opener of body.querySelectorAll<HTMLElement>('.jt-open')) {
      opener.tabIndex = opener === event.target ? 0 : -1;
    }
  });
}

function emptyText({ state }: Status): string {
  if (hasEnded(state)) return 'The study ended before its first trial.';
  return 'No trial yet: the first one starts in a moment.';
}

/** The trials with their states as they are called. */
function withShownStates(trials: Rows, study: StudyState): Rows {
  const { state } = trials;
  if (study !== 'interrupted' || !state) return trials;
  return { ...trials, state: state.map(each => shownState(each as TrialState, study)) };
}

function totalText(count: number, limit: number, { counts, shown }: Status): string {
  const all = Object.values(counts).reduce((sum, number) => sum + number, 0);
  const rows = Math.min(count, limit);
  if (shown !== undefined && all > count) return `${rows} of ${all} shown: the best, the newest and a sample`;
  return rows < count ? `${rows} of ${count} shown` : '';
}

/** Scrolls the table, never the page. */
function bringIntoSight(scroller: HTMLElement, row: HTMLElement): void {
  const [box, place] = [scroller.getBoundingClientRect(), row.getBoundingClientRect()];
  const head = scroller.querySelector('thead')?.getBoundingClientRect().height ?? 0;
  const above = place.top - (box.top + head);
  const below = place.bottom - box.bottom;
  if (above < 0) scroller.scrollTop += above;
  else if (below > 0) scroller.scrollTop += below;
}
