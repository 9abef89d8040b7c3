/**
 * What a drawn chart of learning curves lacks: the readings that have come since, and the dots of the trials that run.
 * From the tables that were drawn and the newest ones to curves, and from these to pixels.
 */
import { shownState } from '../wire/palette';
import type { TrialState } from '../wire/protocol';
import { rowOfTrial, rowsOfTrial, type Rows, type Tables } from '../wire/tables';

export interface LiveCurve {
  readonly trial: number;
  /** From the last reading that is drawn, if one is, to the newest; a value of null is a gap. */
  readonly points: readonly (readonly [step: number, value: number | null])[];
  /** Its newest reading has a dot. */
  readonly runs: boolean;
}

/** The axes of a chart as they are drawn. */
export interface DrawnAxes {
  /** The plotted area, in pixels from the corner of the chart. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Pixels from the left and the top of that area; not finite where the axis has no place for the value. */
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  /** Whether a next draw makes room for a value beyond the axis. */
  readonly follows: { readonly x: boolean; readonly y: boolean };
}

/** A curve in pixels of the plotted area. */
export interface PlacedCurve {
  readonly trial: number;
  /** A path of SVG; empty where there is no line. */
  readonly path: string;
  readonly dot: readonly [x: number, y: number] | null;
}

/** Farther away a number of pixels is no length for SVG. */
const FAR = 1e6;

/** Of the trials that run, and of those that ended after `drawn` was drawn. */
export function liveCurves(drawn: Tables, now: Tables): LiveCurve[] {
  const { number = [], state = [] } = now.trials;
  return number.flatMap((cell, row) => {
    const trial = Number(cell);
    const runs = shownState(state[row] as TrialState, now.status.state) === 'running';
    if (!runs && !wasOpen(drawn.trials, trial)) return [];
    const points = newPoints(drawn.points, now, trial, row);
    return runs || points.length > 1 ? [{ trial, points, runs }] : [];
  });
}

/** Whether the trial ran, or had yet to start; not if it ended long ago and is shown only now. */
function wasOpen(trials: Rows, trial: number): boolean {
  const { number = [], state = [] } = trials;
  const row = rowOfTrial(trials, trial);
  return row < 0 ? trial > Number(number.at(-1) ?? -1) : state[row] === 'running' || state[row] === 'waiting';
}

function newPoints(drawn: Rows, now: Tables, trial: number, row: number): LiveCurve['points'] {
  const [, drawnEnd] = rowsOfTrial(drawn, trial);
  const drawnTo = drawn.number?.[drawnEnd - 1] === trial ? Number(drawn.step?.[drawnEnd - 1]) : -Infinity;
  const { step = [], value = [] } = now.points;
  const [start, end] = rowsOfTrial(now.points, trial);
  let first = start;
  while (first + 1 < end && Number(step[first + 1]) <= drawnTo) first++;
  const points = step.slice(first, end).map((at, index) => [Number(at), numberOr(value[first + index])] as const);
  // of a long curve that goes on only some readings are among the points
  const newest = Number(now.trials.step?.[row] ?? NaN);
  const isNewer = newest > (points.at(-1)?.[0] ?? -Infinity);
  return isNewer ? [...points, [newest, numberOr(now.trials.last?.[row])]] : points;
}

function numberOr(cell: unknown): number | null {
  return typeof cell === 'number' ? cell : null;
}

export function placed({ trial, points, runs }: LiveCurve, { x, y }: DrawnAxes): PlacedCurve {
  let path = '';
  let length = 0;
  let last: PlacedCurve['dot'] = null;
  for (const [step, value] of points) {
    const [across, down] = value === null ? [NaN, NaN] : [pixel(x(step)), pixel(y(value))];
    const isPlaced = Number.isFinite(across) && Number.isFinite(down);
    if (isPlaced) path += `${last ? 'L' : 'M'}${across},${down}`;
    if (isPlaced && last) length++;
    last = isPlaced ? [across, down] : null;
  }
  return { trial, path: length > 0 ? path : '', dot: runs ? last : null };
}

function pixel(place: number): number {
  return Math.round(10 * Math.min(FAR, Math.max(-FAR, place))) / 10;
}

/** Whether a new reading lies beyond an axis that makes room for it. */
export function isBeyond({ points }: LiveCurve, { x, y, width, height, follows }: DrawnAxes): boolean {
  return points.some(
    ([step, value]) =>
      value !== null && ((follows.x && !isWithin(x(step), width)) || (follows.y && !isWithin(y(value), height)))
  );
}

function isWithin(place: number, length: number): boolean {
  // what was drawn last stands on the edge
  return place >= -0.5 && place <= length + 0.5;
}
