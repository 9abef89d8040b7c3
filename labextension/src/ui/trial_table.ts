/**
 * The table of trials. Sorted by any column, a bounded number of rows drawn. A row selects its trial, by a click or by
 * keys, and the selected trial's row is brought into sight, inside the table, however it was selected.
 */
import { STATE_COLOURS } from '../core/palette';
import { hasEnded } from '../core/missing';
import type { Status, TrialState } from '../core/protocol';
import type { Store } from '../core/store';
import { rowCount, rowOfTrial, type Rows } from '../core/tables';
import { button, element, setAttribute, setChildren, setText } from './dom';
import type { Part } from './part';
import { cellText, columnsOf, isProvisional, sortedRows, type Sorting, type TableColumn } from './trial_rows';

const PAGE = 200;

export function createTrialTable(store: Store): Part {
  let sorting: Sorting = { key: 'number', descending: true };
  let limit = PAGE;
  let columns: TableColumn[] = [];
  let seen: number | null = null;
  let drawn: readonly unknown[] = [];
  const rows = new Map<number, HTMLTableRowElement>();

  const headRow = element('tr');
  const body = element('tbody');
  const table = element('table', { class: 'jt-table', testid: 'trials' }, element('thead', {}, headRow), body);
  const more = button('Show more', { class: 'jt-button jt-more', testid: 'show-more' }, () => {
    limit += PAGE;
    draw();
  });
  const total = element('span', { class: 'jt-hint' });
  const scroller = element(
    'div',
    { class: 'jt-scroller', tabindex: '0', role: 'region', 'aria-label': 'Trials' },
    table,
    more
  );
  const empty = element('p', { class: 'jt-empty' }, 'No trial yet: the first one starts in a moment.');
  const head = element('div', { class: 'jt-card-head' }, element('h3', {}, 'Trials'), total);
  const node = element('div', { class: 'jt-trials' }, head, scroller, empty);

  const toggle = (number: number): void => {
    store.select(store.selected === number ? null : number);
  };
  // One row is in the tab order; the arrows go on from there.
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

  const drawHead = (trials: Rows): void => {
    const next = columnsOf(trials, store.tables.status.metric);
    if (JSON.stringify(next) !== JSON.stringify(columns)) {
      columns = next;
      rows.clear();
      headRow.replaceChildren(...columns.map(createHeading));
    }
    columns.forEach(({ key }, index) => {
      const order = key !== sorting.key ? 'none' : sorting.descending ? 'descending' : 'ascending';
      const heading = headRow.cells[index];
      if (heading) setAttribute(heading, 'aria-sort', order);
    });
  };
  const createHeading = ({ key, label, numeric }: TableColumn): HTMLElement => {
    const sort = button(label, { class: 'jt-sort', title: `Sort by ${label}` }, () => {
      const descending = sorting.key === key ? !sorting.descending : numeric;
      sorting = { key, descending };
      draw();
    });
    return element('th', { scope: 'col', class: numeric ? 'jt-numeric' : '' }, sort);
  };

  const rowOf = (number: number): HTMLTableRowElement => {
    const known = rows.get(number);
    if (known) return known;
    const cells = columns.map(({ key, numeric }) => {
      const cell = element('td', { class: numeric ? 'jt-numeric' : '' });
      if (key === 'number') cell.append(element('button', { type: 'button', class: 'jt-open', tabindex: '-1' }));
      if (key === 'state') cell.append(element('span', { class: 'jt-dot', 'aria-hidden': 'true' }), element('span'));
      return cell;
    });
    const row = element('tr', { class: 'jt-row', testid: `trial-${number}` }, ...cells);
    row.addEventListener('click', () => {
      toggle(number);
    });
    rows.set(number, row);
    return row;
  };
  const drawRow = (trials: Rows, index: number): HTMLTableRowElement => {
    const number = Number(trials.number?.[index]);
    const row = rowOf(number);
    columns.forEach(({ key }, at) => {
      const cell = row.cells[at];
      if (!cell) return;
      const text = cellText(trials, key, index);
      const [first, second] = Array.from(cell.children) as HTMLElement[];
      if (key === 'number' && first) {
        setText(first, text);
        row.classList.toggle('jt-row-open', store.selected === number);
        setAttribute(first, 'aria-expanded', String(store.selected === number));
        setAttribute(first, 'aria-label', `Trial ${number}: details`);
      } else if (key === 'state' && first && second) {
        first.style.backgroundColor = STATE_COLOURS[text as TrialState];
        setText(second, text);
      } else setText(cell, text);
      if (key === 'value') cell.classList.toggle('jt-provisional', isProvisional(trials, index));
    });
    return row;
  };

  const draw = (): void => {
    const { trials, status } = store.tables;
    const { selected } = store;
    const inputs = [trials, selected, status.metric, status.state, sorting, limit];
    if (inputs.every((input, at) => input === drawn[at])) return;
    drawn = inputs;
    const count = rowCount(trials);
    empty.hidden = count > 0;
    scroller.hidden = count === 0;
    setText(
      empty,
      hasEnded(status.state)
        ? 'The study ended before its first trial.'
        : 'No trial yet: the first one starts in a moment.'
    );
    drawHead(trials);
    const order = sortedRows(trials, sorting);
    const found = selected !== null && seen !== selected ? order.indexOf(rowOfTrial(trials, selected)) : -1;
    limit = Math.max(limit, PAGE * Math.ceil((found + 1) / PAGE));
    const nodes = order.slice(0, limit).map(index => drawRow(trials, index));
    setChildren(body, nodes);
    if (!body.querySelector('.jt-open[tabindex="0"]'))
      body.querySelector<HTMLElement>('.jt-open')?.setAttribute('tabindex', '0');
    const kept = new Set<HTMLElement>(nodes);
    for (const [number, row] of rows) if (!kept.has(row)) rows.delete(number);
    more.hidden = count <= limit;
    setText(more, `Show ${Math.min(PAGE, count - limit)} more`);
    setText(total, totalText(count, limit, status));
    if (found >= 0 && nodes[found]) bringIntoSight(scroller, nodes[found]);
    seen = selected;
  };

  return {
    node,
    draw,
    dispose() {
      rows.clear();
    }
  };
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
