/**
 * The track of a slider that can widen a range as well as narrow it: the written range, and room beyond both its ends.
 *
 *     log            a decade on either side
 *     reverse_log    a decade of the distance to 1 on either side, at most down to 0
 *     linear         half the range on either side
 *
 * A range of numbers from 0 on stays at 0 or above, one of shares (0 to 1) at 1 or below, one of counts (1 and more) at 1
 * or above. Further than that is typed, or dragged once more: after each change the track lies around the new range.
 */
import type { Parameter } from '../wire/protocol';
import { limits, onGrid, rounded, scaleOf, stepOf, tidy, type Scale } from './scale';

export type Bounds = readonly [number, number];

export interface Track extends Scale {
  /** The value at a place that a hand points at: with no more digits than it can aim at. */
  readonly aimed: (position: number) => number;
}

const DECADE = 10;

export function trackOf(parameter: Parameter): Track {
  const wide = { ...parameter, ...widened(parameter) };
  const scale = scaleOf(wide);
  const isStepped = (stepOf(parameter) ?? 1) !== 1 || (stepOf(parameter) === 1 && parameter.kind === 'float');
  const aimed = (position: number): number => {
    const value = scale.value(position);
    if (isStepped || value === scale.low || value === scale.high) return value;
    return onGrid(wide, rounded(value, wide, 2));
  };
  return { ...scale, aimed };
}

function widened(parameter: Parameter): { readonly low: number; readonly high: number } {
  const [low, high] = limits(parameter);
  const isInt = parameter.kind === 'int';
  if (parameter.log) {
    const least = isInt ? Math.max(1, Math.floor(low / DECADE)) : tidy(low / DECADE);
    return { low: Math.min(low, least), high: tidy(high * DECADE) };
  }
  if (parameter.reverse_log) {
    return { low: Math.max(0, nearOne((1 - low) * DECADE)), high: nearOne((1 - high) / DECADE) };
  }
  const step = stepOf(parameter);
  const span = high > low ? high - low : Math.abs(low) || 1;
  // whole steps, so that the values of the grid stay where they are
  const room = step === null ? tidy(span / 2) : step * Math.max(1, Math.round(span / 2 / step));
  const floor = isInt && low >= 1 ? 1 : low >= 0 ? 0 : -Infinity;
  const ceiling = !isInt && low >= 0 && high <= 1 ? 1 : Infinity;
  const below = Math.max(floor, tidy(low - room));
  return { low: onSteps(low, below, step), high: Math.min(ceiling, tidy(high + room)) };
}

/** The lowest value at or above `least` that lies whole steps below `low`. */
function onSteps(low: number, least: number, step: number | null): number {
  if (step === null) return least;
  return tidy(low - step * Math.floor((low - least) / step + 1e-9));
}

/** The number that lies so far below 1, of as many digits as the distance has. */
function nearOne(distance: number): number {
  return Number((1 - distance).toFixed(12));
}
