/** How much the trials of several metrics have come to dominate, trial by trial: the same as Python's views/charts/volumes.py. */
import type { Cell } from '../wire/protocol';
import type { Cells } from './derived';

type Losses = readonly number[];

/** Of the span of a metric: how far the reference point lies beyond the worst value. */
const BEYOND = 0.1;

/**
 * For each row the volume that the rows up to it dominate; null where a row lacks a metric. What is infeasible dominates
 * nothing.
 *
 * @param reference A value of each metric; a little worse than the worst feasible one if not given.
 */
export function volumes(
  columns: readonly Cells[],
  maximize: readonly boolean[],
  standings: Cells,
  reference?: readonly number[]
): Cell[] {
  const lossesOf = (row: readonly unknown[]): Losses | null =>
    row.every(cell => typeof cell === 'number') ? row.map((cell, at) => (maximize[at] ? -cell : cell)) : null;
  const rows = standings.map((_, row) => lossesOf(columns.map(cells => cells[row])));
  const counts = rows.map((losses, row) => losses !== null && standings[row] !== 'infeasible');
  const feasible = rows.flatMap((losses, row) => (losses && counts[row] ? [losses] : []));
  const corner =
    (reference && lossesOf(reference)) ?? columns.map((_, at) => worse(feasible.map(each => each[at] ?? 0)));
  let front: Losses[] = [];
  let volume = 0;
  return rows.map((losses, row) => {
    if (!losses) return null;
    if (counts[row] && !front.some(other => isNowhereWorse(other, losses))) {
      front = [...front.filter(other => !isNowhereWorse(losses, other)), losses];
      volume = hypervolume(front, corner);
    }
    return volume;
  });
}

function worse(losses: Losses): number {
  const [low, high] = losses.reduce(([a, b], loss) => [Math.min(a, loss), Math.max(b, loss)], [Infinity, -Infinity]);
  return high + (BEYOND * (high - low) || 1);
}

function isNowhereWorse(one: Losses, other: Losses): boolean {
  return one.every((loss, at) => loss <= (other[at] ?? 0));
}

/** Slices along the last metric: between two of its values the volume is that of one metric less. */
function hypervolume(front: readonly Losses[], reference: Losses): number {
  const inside = front.filter(losses => losses.every((loss, at) => loss < (reference[at] ?? 0)));
  const end = reference.at(-1) ?? 0;
  if (inside.length === 0) return 0;
  if (reference.length === 1) return end - Math.min(...inside.map(([loss = 0]) => loss));
  const levels = [...new Set(inside.map(losses => losses.at(-1) ?? 0))].sort((a, b) => a - b);
  return levels.reduce((volume, low, at) => {
    const below = inside.filter(losses => (losses.at(-1) ?? 0) <= low).map(losses => losses.slice(0, -1));
    return volume + ((levels[at + 1] ?? end) - low) * hypervolume(below, reference.slice(0, -1));
  }, 0);
}
