/**
 * The table of trials. Sorted by any column, a bounded number of rows drawn, one trial at a time opened to show its
 * error and its log, which is asked for when it is opened and again while the trial runs.
 */
import { STATE_COLOURS } from '../core/palette';
import type { TrialState } from '../core/protocol';
import type { Store } from '../core/store';
import { rowCount, type Rows } from '../core/tables';
import { button, element, setAttribute, setChildren, setText } from './dom';
import type { Part } from './part';
import { cellText, columnsOf, isProvisional, sortedRows, type Sorting, type TableColumn } from './trial_rows';

const PAGE = 200;
const LOG_INTERVAL_MS = 2000;

export function createTrialTable(store: Store): Part {
  let sorting: Sorting = { key: 'number', descending: true };
  let limit = PAGE;
  let open: number | null = null;
  let columns: TableColumn[] = [];
  let openState: unknown = null;
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
  const node = element('section', { class: 'jt-card jt-trials-card' }, head, scroller, empty);

  const errorText = element('pre', { class: 'jt-error' });
  const logText = element('pre', { class: 'jt-log-text' });
  const detailCell = element('td', {}, element('div', { class: 'jt-log', testid: 'log' }, errorText, logText));
  const detail = element('tr', { class: 'jt-detail' }, detailCell);

  const askForLog = (): void => {
    if (open !== null) store.send({ type: 'log', trial: open });
  };
  const timer = setInterval(() => {
    if (openState === 'running' && node.isConnected && document.visibilityState !== 'hidden') askForLog();
  }, LOG_INTERVAL_MS);

  const toggle = (number: number): void => {
    open = open === number ? null : number;
    openState = null;
    draw();
  };

  const drawHead = (trials: Rows): void => {
    const next = columnsOf(trials, store.tables.status.metric);
    if (JSON.stringify(next) !== JSON.stringify(columns)) {
      columns = next;
      rows.clear();
      headRow.replaceChildren(...columns.map(createHeading));
      detailCell.colSpan = columns.length;
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
      if (key === 'number') cell.append(element('button', { type: 'button', class: 'jt-open' }));
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
        setAttribute(first, 'aria-expanded', String(open === number));
        setAttribute(first, 'aria-label', `Trial ${number}: error and log`);
      } else if (key === 'state' && first && second) {
        first.style.backgroundColor = STATE_COLOURS[text as TrialState];
        setText(second, text);
      } else setText(cell, text);
      if (key === 'value') cell.classList.toggle('jt-provisional', isProvisional(trials, index));
    });
    return row;
  };

  const drawDetail = (trials: Rows, index: number): void => {
    const state = trials.state?.[index];
    if (state !== openState) {
      openState = state;
      askForLog();
    }
    const log = open === null ? undefined : store.logs.get(open);
    const error = log?.error ?? String(trials.error?.[index] ?? '');
    setText(errorText, error);
    errorText.hidden = error === '';
    const atEnd = logText.scrollTop + logText.clientHeight >= logText.scrollHeight - 4;
    setText(logText, log ? log.text || 'This trial printed nothing.' : 'Fetching the log…');
    logText.classList.toggle('jt-quiet', !log?.text);
    if (atEnd) logText.scrollTop = logText.scrollHeight;
  };

  const draw = (): void => {
    const { trials } = store.tables;
    const count = rowCount(trials);
    const ended = store.tables.status.state === 'ended' || store.tables.status.state === 'lost';
    empty.hidden = count > 0;
    scroller.hidden = count === 0;
    setText(
      empty,
      ended ? 'The study ended before its first trial.' : 'No trial yet: the first one starts in a moment.'
    );
    drawHead(trials);
    const shown = sortedRows(trials, sorting).slice(0, limit);
    const nodes: HTMLElement[] = [];
    const drawn = new Set<number>();
    for (const index of shown) {
      const row = drawRow(trials, index);
      nodes.push(row);
      const number = Number(trials.number?.[index]);
      drawn.add(number);
      row.classList.toggle('jt-row-open', number === open);
      if (number !== open) continue;
      drawDetail(trials, index);
      nodes.push(detail);
    }
    setChildren(body, nodes);
    for (const number of rows.keys()) if (!drawn.has(number)) rows.delete(number);
    more.hidden = count <= limit;
    setText(more, `Show ${Math.min(PAGE, count - limit)} more`);
    setText(total, count > limit ? `${limit} of ${count} shown` : '');
  };

  return {
    node,
    draw,
    dispose() {
      clearInterval(timer);
    }
  };
}
