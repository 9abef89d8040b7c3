/** What the table of trials shows: its columns, the order of its rows, and the words in each cell. */
import type { Sorting } from '../../doors';
import { formatCell, formatDuration, formatValue } from '../../params/format';
import { STATE_ORDER } from '../../wire/palette';
import { columnOf, isAfterSeveral, isOfMetric, objectivesOf } from '../../wire/metrics';
import type { Cell, Status } from '../../wire/protocol';
import { isNone, PARAMETER_PREFIX, rowCount, type Rows } from '../../wire/tables';

export interface TableColumn {
  readonly key: string;
  readonly label: string;
  readonly numeric: boolean;
}

/** The columns; the first two stay in sight. */
export function columnsOf(trials: Rows, status: Status): TableColumn[] {
  const has = (key: string): boolean => (trials[key] ?? []).some(cell => cell !== null && cell !== '');
  const numeric = (key: string): boolean =>
    (trials[key] ?? []).every(cell => cell === null || typeof cell === 'number');
  const parameters = Object.keys(trials).filter(key => key.startsWith(PARAMETER_PREFIX));
  return [
    { key: 'number', label: 'Trial', numeric: true },
    ...objectivesOf(status).map(({ metric }) => ({
      key: columnOf(status, metric),
      label: metric || 'Value',
      numeric: true
    })),
    ...(trials.standing ? [{ key: 'standing', label: 'Standing', numeric: false }] : []),
    { key: 'state', label: 'State', numeric: false },
    ...(has('step') ? [{ key: 'step', label: 'Step', numeric: true }] : []),
    { key: 'duration_s', label: 'Duration', numeric: true },
    ...parameters.map(key => ({ key, label: key.slice(PARAMETER_PREFIX.length), numeric: numeric(key) })),
    ...(isElsewhere(trials) ? [{ key: 'slot', label: 'Slot', numeric: false }] : []),
    ...(has('source') ? [{ key: 'source', label: 'From', numeric: false }] : []),
    ...(has('tags') ? [{ key: 'tags', label: 'Tags', numeric: false }] : []),
    ...(has('note') ? [{ key: 'note', label: 'Note', numeric: false }] : []),
    ...(has('reason') || has('error') ? [{ key: 'reason', label: 'Why it ended', numeric: false }] : [])
  ];
}

/** Whether trials ran in places that differ: on GPUs, or on the workers of a cluster. */
function isElsewhere({ slot = [] }: Rows): boolean {
  return slot.some(place => typeof place === 'string' && place !== '' && !place.startsWith('local/'));
}

/** Those on the front of several metrics, or those with the best value. */
export function bestFirst(status: Status): Sorting {
  if (isAfterSeveral(status)) return { key: 'standing', descending: false };
  return { key: 'value', descending: status.direction === 'maximize' };
}

/** How a column is sorted at first: by a metric with the best on top. */
export function firstSorting(status: Status, { key, numeric }: TableColumn): Sorting {
  const objective = objectivesOf(status).find(({ metric }) => columnOf(status, metric) === key);
  return { key, descending: objective ? objective.direction === 'maximize' : numeric };
}

/**
 * Row indices in the order asked for; missing cells last either way, ties by newest trial. By a metric, complete trials
 * come before those that are infeasible, then those that run, then pruned ones: a first reading says less than a result. Of
 * equal values the earlier trial comes first: it is the best one. Trials that stand alike are in the order of the first
 * metric.
 */
export function sortedRows(trials: Rows, { key, descending }: Sorting, maximize = true): number[] {
  if (key === 'standing') return byStanding(trials, descending, maximize);
  const rows = Array.from({ length: rowCount(trials) }, (_, row) => row);
  const cells = rows.map(row => sortCell(trials, key, row));
  const group = rows.map(row => (isOfMetric(key) ? groupOf(trials, row) : 0));
  const sign = descending ? -1 : 1;
  return rows.sort((a, b) => {
    const [left, right] = [cells[a] ?? null, cells[b] ?? null];
    if (left === null || right === null) return Number(left === null) - Number(right === null) || b - a;
    const tie = isOfMetric(key) ? a - b : b - a;
    return (group[a] ?? 0) - (group[b] ?? 0) || sign * compare(left, right) || tie;
  });
}

const VALUE_ORDER: readonly string[] = ['complete', 'running', 'waiting', 'pruned', 'cancelled', 'failed'];

function groupOf(trials: Rows, row: number): number {
  const after = trials.standing?.[row] === 'infeasible' ? 0.5 : 0;
  return VALUE_ORDER.indexOf(String(trials.state?.[row])) + after;
}

const STANDINGS: readonly string[] = ['on the front', 'feasible', 'infeasible'];

function byStanding(trials: Rows, descending: boolean, maximize: boolean): number[] {
  const place = (row: number): number => STANDINGS.indexOf(String(trials.standing?.[row]));
  const sign = descending ? -1 : 1;
  // a stable sort keeps the order of those that stand alike
  return sortedRows(trials, { key: 'value', descending: maximize }).sort((a, b) => {
    const [left, right] = [place(a), place(b)];
    if (left < 0 || right < 0) return Number(left < 0) - Number(right < 0);
    return sign * (left - right);
  });
}

function sortCell(trials: Rows, key: string, row: number): Cell {
  const cell = trials[key]?.[row] ?? null;
  if (key === 'state') return STATE_ORDER.findIndex(state => state === cell);
  if (key === 'value') return trials.nonfinite?.[row] ? null : (cell ?? trials.last?.[row] ?? null);
  if (key === 'reason') return whyText(trials, row) || null;
  return isNone(trials, key, row) ? formatValue(null) : cell;
}

export function cellText(trials: Rows, key: string, row: number): string {
  const cell = trials[key]?.[row] ?? null;
  switch (key) {
    case 'source':
      return sourceText(cell);
    case 'tags':
      return tagsOf(trials, row).join(', ');
    case 'note':
      return String(cell ?? '');
    case 'duration_s':
      return formatDuration(cell as number | null);
    case 'reason':
      return whyText(trials, row);
    case 'value':
      return nonfiniteText(trials, row) || formatCell(cell ?? trials.last?.[row]);
    default:
      return isNone(trials, key, row) ? formatValue(null) : formatCell(cell);
  }
}

/** The tags of a trial, each in words. */
export function tagsOf(trials: Rows, row: number): readonly string[] {
  const cell = trials.tags?.[row];
  return typeof cell === 'string' && cell !== '' ? cell.split('\n') : [];
}

/** NaN or an infinity, where that is what the trial gave or last reported; else empty. */
export function nonfiniteText(trials: Rows, row: number): string {
  return String(trials.nonfinite?.[row] ?? '');
}

/** Why the trial ended, in words: its error, or the reason; empty while it goes on. */
export function whyText(trials: Rows, row: number): string {
  const word = (key: string): string => String(trials[key]?.[row] ?? '');
  if (word('error') !== '') return word('error');
  if (word('reason') !== '') return word('reason');
  if (word('state') === 'failed') return 'failed without an error';
  const nonfinite = nonfiniteText(trials, row);
  return nonfinite !== '' && word('state') === 'complete' ? `its value is ${nonfinite}, which is never the best` : '';
}

/** True where the value shown is a report on the way, not the trial's result. */
export function isProvisional(trials: Rows, row: number): boolean {
  const open = (trials.value?.[row] ?? null) === null && nonfiniteText(trials, row) === '';
  return open && (trials.last?.[row] ?? null) !== null;
}

/** Who proposed a trial; what was asked for by hand is the reader's own. */
export function sourceText(source: Cell): string {
  return source === 'user' ? 'you' : source === null ? '' : formatCell(source);
}

function compare(a: Cell, b: Cell): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}
