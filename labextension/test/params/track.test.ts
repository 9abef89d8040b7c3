import { describe, expect, it } from 'vitest';
import { trackOf } from '../../src/params/track';
import type { Parameter } from '../../src/wire/protocol';

const ends = (parameter: Omit<Parameter, 'name'>): [number, number] => {
  const { low, high } = trackOf({ name: 'x', ...parameter });
  return [low, high];
};

describe('the track', () => {
  it('has a decade more on either side of a logarithmic range', () => {
    expect(ends({ kind: 'float', low: 1e-4, high: 0.1, log: true })).toEqual([1e-5, 1]);
    expect(ends({ kind: 'int', low: 16, high: 512, log: true })).toEqual([1, 5120]);
    expect(ends({ kind: 'float', low: 0.9, high: 0.999, reverse_log: true })).toEqual([0, 0.9999]);
  });

  it('has half the range more on either side of a linear one, and keeps to where such numbers live', () => {
    expect(ends({ kind: 'float', low: -1, high: 1 })).toEqual([-2, 2]);
    expect(ends({ kind: 'float', low: 0, high: 10 })).toEqual([0, 15]);
    expect(ends({ kind: 'float', low: 0.5, high: 0.9 })).toEqual([0.3, 1]);
    expect(ends({ kind: 'int', low: 2, high: 8 })).toEqual([1, 11]);
    expect(ends({ kind: 'int', low: 0, high: 1 })).toEqual([0, 2]);
    expect(ends({ kind: 'int', low: -5, high: 5 })).toEqual([-10, 10]);
  });

  it('keeps the grid of a stepped range', () => {
    const track = trackOf({ name: 'x', kind: 'int', low: 16, high: 64, step: 16 });
    expect([track.low, track.high]).toEqual([16, 96]);
    expect([0, 0.3, 0.55, 1].map(track.aimed)).toEqual([16, 48, 64, 96]);
    const float = trackOf({ name: 'x', kind: 'float', low: 0.1, high: 0.7, step: 0.2 });
    expect([float.low, float.high, float.aimed(0.5)]).toEqual([0.1, 0.9, 0.5]);
  });

  it('has room around a range of one value', () => {
    expect(ends({ kind: 'float', low: 4, high: 4 })).toEqual([2, 6]);
    expect(ends({ kind: 'int', low: 0, high: 0 })).toEqual([0, 1]);
  });

  it('gives the values that a hand can aim at: of two digits', () => {
    const log = trackOf({ name: 'x', kind: 'float', low: 1e-4, high: 0.1, log: true });
    const linear = trackOf({ name: 'x', kind: 'float', low: 0, high: 10 });
    const int = trackOf({ name: 'x', kind: 'int', low: 10, high: 5000, log: true });
    for (let place = 0; place <= 1; place += 0.0137) {
      for (const track of [log, int]) {
        expect(track.aimed(place)).toBe(Number(track.aimed(place).toPrecision(2)));
        expect(track.aimed(place)).toBeGreaterThanOrEqual(track.low);
        expect(track.aimed(place)).toBeLessThanOrEqual(track.high);
      }
      expect(Math.abs(linear.aimed(place) * 10 - Math.round(linear.aimed(place) * 10))).toBeLessThan(1e-9);
    }
    expect([log.aimed(0), log.aimed(1), int.aimed(1)]).toEqual([1e-5, 1, 50000]);
  });
});
