import { describe, expect, it } from 'vitest';
import { isBeyond, liveCurves, placed } from '../../src/charts/live';
import { applyDelta, fromSnapshot, type Tables } from '../../src/wire/tables';
import { drawnAxes as axes, snapshot, status } from '../fixtures';

/** Trials 0 to 2 have ended; 3 runs, with readings at the steps 1 and 2. */
const drawn = fromSnapshot(snapshot);

type Points = readonly (readonly [number: number, step: number, value: number | null])[];

function after(trials: Record<string, (number | string | null)[]>, points: Points = []): Tables {
  const column = (at: 0 | 1 | 2): (number | null)[] => points.map(point => point[at]);
  const columns = { number: column(0), step: column(1), value: column(2) };
  return applyDelta(drawn, { seq: 2, base: 1, status, trials, points: columns });
}

describe('liveCurves', () => {
  it('are the dots of the trials that run, where nothing has come since', () => {
    expect(liveCurves(drawn, drawn)).toEqual([{ trial: 3, points: [[2, 0.3]], runs: true }]);
  });

  it('go on from the last reading that is drawn', () => {
    const now = after({ number: [3], step: [4], last: [0.5] }, [
      [3, 3, 0.4],
      [3, 4, 0.5]
    ]);
    const points = [
      [2, 0.3],
      [3, 0.4],
      [4, 0.5]
    ];
    expect(liveCurves(drawn, now)).toEqual([{ trial: 3, points, runs: true }]);
  });

  it('are whole where the trial has started since', () => {
    const now = after({ number: [4], state: ['running'], step: [2], last: [0.2] }, [
      [4, 1, 0.1],
      [4, 2, 0.2]
    ]);
    const points = [
      [1, 0.1],
      [2, 0.2]
    ];
    expect(liveCurves(drawn, now)[1]).toEqual({ trial: 4, points, runs: true });
  });

  it('end at the newest reading also where it is not among the points', () => {
    const now = after({ number: [3], step: [9], last: [0.8] });
    const points = [
      [2, 0.3],
      [9, 0.8]
    ];
    expect(liveCurves(drawn, now)).toEqual([{ trial: 3, points, runs: true }]);
  });

  it('go on where a trial has ended since, and are no more where it has no new reading', () => {
    const last: Points = [[3, 3, 0.4]];
    const points = [
      [2, 0.3],
      [3, 0.4]
    ];
    const ended = after({ number: [3], state: ['complete'], step: [3], last: [0.4] }, last);
    expect(liveCurves(drawn, ended)).toEqual([{ trial: 3, points, runs: false }]);
    expect(liveCurves(drawn, after({ number: [3], state: ['complete'] }))).toEqual([]);
    expect(liveCurves(ended, ended)).toEqual([]);
  });

  it('leave out trials that ended long ago and are shown only now', () => {
    const few = { ...drawn, trials: { number: [0, 3], state: ['complete', 'running'] } };
    expect(liveCurves(few, drawn).map(({ trial }) => trial)).toEqual([3]);
  });

  it('begin anew where a trial is run again', () => {
    const again: Points = [[3, 1, 0.6]];
    const dropped = applyDelta(drawn, { seq: 2, base: 1, status, drop_points: [3] });
    const points = { number: again.map(([number]) => number), step: [1], value: [0.6] };
    const now = applyDelta(dropped, {
      seq: 3,
      base: 2,
      status,
      points,
      trials: { number: [3], step: [1], last: [0.6] }
    });
    expect(liveCurves(drawn, now)).toEqual([{ trial: 3, points: [[1, 0.6]], runs: true }]);
  });
});

describe('placed', () => {
  const curve = (...points: [number, number | null][]) => ({ trial: 3, points, runs: true });

  it('is a path in pixels, and a dot at its end', () => {
    expect(placed(curve([1, 0.1], [2, 0.25]), axes)).toEqual({ trial: 3, path: 'M10,90L20,75', dot: [20, 75] });
  });

  it('has no path of one reading, and no dot after the end', () => {
    expect(placed(curve([1, 0.1]), axes)).toEqual({ trial: 3, path: '', dot: [10, 90] });
    expect(placed({ ...curve([1, 0.1], [2, 0.2]), runs: false }, axes)).toMatchObject({ dot: null });
  });

  it('has a gap where a reading is no number or has no place on the axis, and no dot there', () => {
    const log = { ...axes, y: (value: number) => 100 - 100 * Math.log10(value) };
    expect(placed(curve([1, 1], [2, 1], [3, null], [4, 1], [5, 1]), log).path).toBe('M10,100L20,100M40,100L50,100');
    expect(placed(curve([1, 1], [2, 1], [3, -1]), log)).toMatchObject({ path: 'M10,100L20,100', dot: null });
    expect(placed(curve([1, 1], [2, null]), log)).toMatchObject({ path: '', dot: null });
  });

  it('keeps lengths that SVG can draw', () => {
    expect(placed(curve([1, 0.5], [2, 1e300]), axes).path).toBe('M10,50L20,-1000000');
  });
});

describe('isBeyond', () => {
  const at = (step: number, value: number | null) => ({ trial: 3, points: [[step, value]] as const, runs: true });

  it('is what the next draw makes room for', () => {
    expect(isBeyond(at(10, 1), axes)).toBe(false);
    expect(isBeyond(at(11, 0.5), axes)).toBe(true);
    expect(isBeyond(at(5, 1.1), axes)).toBe(true);
    expect(isBeyond(at(5, null), axes)).toBe(false);
  });

  it('is not what lies beyond an axis that keeps its ends', () => {
    expect(isBeyond(at(11, 1.1), { ...axes, follows: { x: false, y: false } })).toBe(false);
  });
});
