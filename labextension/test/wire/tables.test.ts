import { describe, expect, it } from 'vitest';
import type { Delta } from '../../src/wire/protocol';
import { applyDelta, fromSnapshot, judge, rowCount, rowOfTrial } from '../../src/wire/tables';
import { float64, snapshot, status } from '../fixtures';

const delta = (fields: Partial<Delta>): Delta => ({ seq: 2, base: 1, status, ...fields });

describe('fromSnapshot', () => {
  it('reads raw bytes as little-endian float64, also from the middle of a larger buffer', () => {
    const bytes = new DataView(new ArrayBuffer(8 * 3));
    [99, 0.5, NaN].forEach((value, i) => {
      bytes.setFloat64(8 * i, value, true);
    });
    const value = new DataView(bytes.buffer, 8, 16);
    const tables = fromSnapshot({ ...snapshot, trials: { number: float64(0, 1), value } });
    expect(tables.trials).toEqual({ number: [0, 1], value: [0.5, null] });
  });

  it('reads columns from the buffers of a message, wherever they begin', () => {
    const odd = new Uint8Array(17);
    new DataView(odd.buffer).setFloat64(3, 0.25, true);
    const buffers = [float64(4), odd.subarray(3, 11)];
    const tables = fromSnapshot({ ...snapshot, trials: { number: { buffer: 0 }, value: { buffer: 1 } } }, buffers);
    expect(tables.trials).toEqual({ number: [4], value: [0.25] });
  });

  it('names the column whose buffer is missing', () => {
    expect(() => fromSnapshot({ ...snapshot, trials: { number: { buffer: 3 } } })).toThrow(
      /column number.*no buffer 3/
    );
  });

  it('puts rows into key order', () => {
    const tables = fromSnapshot({ ...snapshot, points: { number: [1, 0, 0], step: [1, 10, 9], value: [3, 2, 1] } });
    expect(tables.points).toEqual({ number: [0, 0, 1], step: [9, 10, 1], value: [1, 2, 3] });
  });
});

describe('judge', () => {
  it('applies what follows, ignores what is known, and notices what was lost', () => {
    expect(judge(delta({ seq: 6, base: 5 }), 5)).toBe('apply');
    expect(judge(delta({ seq: 5, base: 4 }), 5)).toBe('ignore');
    expect(judge(delta({ seq: 9, base: 7 }), 5)).toBe('lost');
    expect(judge(delta({ seq: 9, base: 3 }), 5)).toBe('lost');
  });
});

describe('applyDelta', () => {
  const tables = fromSnapshot(snapshot);

  it('replaces the cells it names, keeps the others, and adds rows', () => {
    const trials = { number: [5, 3], state: ['running', 'complete'], value: [null, 0.8] };
    const next = applyDelta(tables, delta({ trials }));
    expect(next.trials.number).toEqual([0, 1, 2, 3, 5]);
    expect(next.trials.state).toEqual(['complete', 'pruned', 'failed', 'complete', 'running']);
    expect(next.trials.value).toEqual([0.9, 0.5, null, 0.8, null]);
    expect(next.trials['p:lr']).toEqual([0.01, 0.05, 0.002, 0.03, null]);
  });

  it('can make a cell missing', () => {
    const next = applyDelta(tables, delta({ trials: { number: float64(0), value: float64(NaN) } }));
    expect(next.trials.value?.[0]).toBeNull();
  });

  it('fills a column that is new with nulls for the old rows', () => {
    const next = applyDelta(tables, delta({ trials: { number: [1], 'p:new': [7] } }));
    expect(next.trials['p:new']).toEqual([null, 7, null, null]);
  });

  it('takes the last of two rows with one key', () => {
    const next = applyDelta(tables, delta({ points: { number: [3, 3], step: [2, 2], value: [0.31, 0.32] } }));
    expect(next.points.value).toEqual([0.4, 0.7, 0.9, 0.5, 0.2, 0.32]);
  });

  it('merges points between the old ones and drops those of trials no longer shown', () => {
    const points = { number: [1, 4], step: [2, 1], value: [0.55, 0.1] };
    const next = applyDelta(tables, delta({ points, drop_points: [0] }));
    expect(next.points).toEqual({ number: [1, 1, 3, 3, 4], step: [1, 2, 1, 2, 1], value: [0.5, 0.55, 0.2, 0.3, 0.1] });
  });

  it('keeps the identity of tables it does not touch, and never changes the old ones', () => {
    const before = structuredClone(tables);
    const next = applyDelta(tables, delta({ trials: { number: [0], value: [0.95] } }));
    expect(next.points).toBe(tables.points);
    expect(next.trials).not.toBe(tables.trials);
    expect(tables).toEqual(before);
  });

  it('tells a landscape that stays from one that is cleared', () => {
    const landscape = { x: 'lr' } as unknown as NonNullable<Delta['landscape']>;
    const first = applyDelta(tables, delta({ landscape }));
    expect(applyDelta(first, delta({})).landscape).toBe(landscape);
    expect(applyDelta(first, delta({ landscape: null })).landscape).toBeNull();
  });

  it('reads events, and drops trials before it adds others', () => {
    const events = { seq: [4, 9], text: ['paused', 'resumed'], undoable: [true, true] };
    const first = applyDelta(tables, delta({ events }));
    const next = applyDelta(
      first,
      delta({
        events: { seq: [4], undoable: [false] },
        drop_trials: [0, 2],
        trials: { number: [2], state: ['running'] }
      })
    );
    expect(next.events).toEqual({ seq: [4, 9], text: ['paused', 'resumed'], undoable: [false, true] });
    expect(next.trials.number).toEqual([1, 2, 3]);
    expect(next.trials.state).toEqual(['pruned', 'running', 'running']);
    expect(next.trials.value).toEqual([0.5, null, null]);
    expect(next.points).toBe(first.points);
  });

  it('copies only the columns that change when no row is new', () => {
    const next = applyDelta(tables, delta({ trials: { number: [1, 3], value: [0.6, 0.7] } }));
    expect(next.trials.value).toEqual([0.9, 0.6, null, 0.7]);
    expect(next.trials['p:lr']).toBe(tables.trials['p:lr']);
  });

  it('finds trials by number', () => {
    expect([0, 3, 4].map(number => rowOfTrial(tables.trials, number))).toEqual([0, 3, -1]);
    expect(rowOfTrial({}, 0)).toBe(-1);
  });

  it('costs hardly more per update the more rows there are', () => {
    const sized = (count: number): number => {
      const numbers = Array.from({ length: count }, (_, i) => i);
      const columns = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`p:${i}`, numbers]));
      let big = fromSnapshot({ ...snapshot, trials: { number: numbers, ...columns }, points: {} });
      const row = Object.fromEntries(Object.keys(columns).map(name => [name, [0.5]]));
      const times = Array.from({ length: 40 }, (_, i) => {
        const start = performance.now();
        big = applyDelta(big, delta({ trials: { number: [i % count], ...row } }));
        return performance.now() - start;
      });
      return times.sort((a, b) => a - b)[20] ?? Infinity;
    };
    sized(100);
    // a copy of 20 columns of 600 cells: some microseconds; half a millisecond leaves room for a busy machine
    expect(sized(600)).toBeLessThan(0.5);
  });

  it('stays fast enough for five deltas a second on 2,000 trials and 20,000 points', () => {
    const numbers = Array.from({ length: 2000 }, (_, i) => i);
    const pointNumbers = Array.from({ length: 20000 }, (_, i) => Math.floor(i / 10));
    const steps = Array.from({ length: 20000 }, (_, i) => i % 10);
    let big = fromSnapshot({
      ...snapshot,
      trials: { number: numbers, value: numbers },
      points: { number: pointNumbers, step: steps, value: steps }
    });
    const start = performance.now();
    for (let i = 0; i < 10; i++) {
      const points = { number: [1999], step: [10 + i], value: [0.5] };
      big = applyDelta(big, delta({ trials: { number: [1999], value: [i] }, points }));
    }
    expect(performance.now() - start).toBeLessThan(2000);
    expect(rowCount(big.points)).toBe(20010);
  });
});
