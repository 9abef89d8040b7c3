/** The metrics that a study is after: their columns, and the tables as if it were after one of them alone. */
import type { Cell, Objective, Status } from './protocol';
import type { Rows, Tables } from './tables';

/** Of the columns of the metrics after the first. */
const METRIC_PREFIX = 'm:';

/** The first one first; a study saved before there were several has one. */
export function objectivesOf({ objectives, metric, direction }: Status): readonly Objective[] {
  return objectives ?? [{ metric, direction }];
}

export function isAfterSeveral(status: Status): boolean {
  return objectivesOf(status).length > 1;
}

/** Whether the one value of a metric is better than the other; equal ones are not. */
export function isBetter(one: number, other: number, direction: Objective['direction']): boolean {
  return direction === 'maximize' ? one > other : one < other;
}

/** The column of this metric's final values. */
export function columnOf(status: Status, metric: string): string {
  return metric === status.metric ? 'value' : METRIC_PREFIX + metric;
}

/** Whether the column has the values of a metric. */
export function isOfMetric(column: string): boolean {
  return column === 'value' || column.startsWith(METRIC_PREFIX);
}

/** Of these trials, by metric: what is drawn is drawn anew only where it has changed. */
const seen = new WeakMap<Rows, Map<string, Rows>>();
const NO_POINTS: Rows = { number: [], step: [], value: [] };

/** The tables of the study as if it were after this metric alone; the curves are known of the first one. */
export function seenBy(tables: Tables, metric: string): Tables {
  const { status, trials } = tables;
  const objective = objectivesOf(status).find(each => each.metric === metric);
  if (!objective || metric === status.metric) return tables;
  const known = seen.get(trials) ?? new Map<string, Rows>();
  seen.set(trials, known);
  const rows = known.get(metric) ?? rowsOf(trials, objective);
  known.set(metric, rows);
  return { ...tables, status: { ...status, ...objective }, trials: rows, points: NO_POINTS };
}

function rowsOf(trials: Rows, { metric, direction }: Objective): Rows {
  const latest = trials[METRIC_PREFIX + metric] ?? [];
  const value = latest.map((cell, row) => ((trials.value?.[row] ?? null) === null ? null : cell));
  let best: number | null = null;
  const bests = value.map((cell, row): Cell => {
    const counts = trials.state?.[row] === 'complete' && trials.standing?.[row] !== 'infeasible';
    if (counts && typeof cell === 'number' && (best === null || isBetter(cell, best, direction))) best = cell;
    return best;
  });
  return { ...trials, value, last: latest, best: bests };
}
