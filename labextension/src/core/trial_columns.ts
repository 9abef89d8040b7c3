/** What the table of trials shows: its columns, the order of its rows, and the words in each cell. */
import { formatCell, formatDuration } from './format';
import { STATE_ORDER } from './palette';
import type { Cell } from './protocol';
import { rowCount, type Rows } from './tables';

export interface TableColumn {
  readonly key: string;
  readonly label: string;
  readonly numeric: boolean;
}

export interface Sorting {
  readonly key: string;
  readonly descending: boolean;
}

export const PARAMETER_PREFIX = 'p:';

export function columnsOf(trials: Rows, metric: string): TableColumn[] {
  const has = (key: string): boolean => (trials[key] ?? []).some(cell => cell !== null && cell !== '');
  const numeric = (key: string): boolean =>
    (trials[key] ?? []).every(cell => cell === null || typeof cell === 'number');
  const parameters = Object.keys(trials).filter(key => key.startsWith(PARAMETER_PREFIX));
  return [
    { key: 'number', label: 'Trial', numeric: true },
    { key: 'state', label: 'State', numeric: false },
    { key: 'value', label: metric || 'Value', numeric: true },
    ...(has('step') ? [{ key: 'step', label: 'Step', numeric: true }] : []),
    { key: 'duration_s', label: 'Duration', numeric: true },
    ...parameters.map(key => ({ key, label: key.slice(PARAMETER_PREFIX.length), numeric: numeric(key) })),
    ...(has('source') ? [{ key: 'source', label: 'From', numeric: false }] : [])
  ];
}

/** Row indices in the order asked for; missing cells last either way, ties by newest trial. */
export function sortedRows(trials: Rows, { key, descending }: Sorting): number[] {
  const cells = trials[key] ?? [];
  const sign = descending ? -1 : 1;
  const rank = (row: number): Cell => {
    const cell = cells[row] ?? null;
    return key === 'state' ? STATE_ORDER.findIndex(state => state === cell) : cell;
  };
  return Array.from({ length: rowCount(trials) }, (_, row) => row).sort((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null) || b - a;
    return sign * compare(left, right) || b - a;
  });
}

export function cellText(trials: Rows, key: string, row: number): string {
  const cell = trials[key]?.[row] ?? null;
  if (key === 'source') return sourceText(cell);
  if (key === 'duration_s') return cell === null ? '' : formatDuration(Number(cell));
  if (cell === null && key.startsWith(PARAMETER_PREFIX)) return '–';
  if (cell === null && key === 'value') return formatIfPresent(trials.last?.[row]);
  return formatIfPresent(cell);
}

/** True where the value shown is a report on the way, not the trial's result. */
export function isProvisional(trials: Rows, row: number): boolean {
  return (trials.value?.[row] ?? null) === null && (trials.last?.[row] ?? null) !== null;
}

/** Who proposed a trial; what was asked for by hand is the reader's own. */
export function sourceText(source: Cell): string {
  return source === 'user' ? 'yours' : formatIfPresent(source);
}

function formatIfPresent(cell: Cell | undefined): string {
  return cell === null || cell === undefined ? '' : formatCell(cell);
}

function compare(a: Cell, b: Cell): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}
