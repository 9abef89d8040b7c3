import { describe, expect, it } from 'vitest';
import type { Parameter } from '../../src/wire/protocol';
import { onGrid, scaleOf } from '../../src/params/scale';

const float = (fields: Partial<Parameter>): Parameter => ({ name: 'x', kind: 'float', low: 0, high: 1, ...fields });

describe('scaleOf', () => {
  it('puts the geometric mean in the middle of a logarithmic track', () => {
    const scale = scaleOf(float({ low: 1e-4, high: 1, log: true }));
    expect(scale.position(1e-2)).toBeCloseTo(0.5);
    expect(scale.value(0.5)).toBe(0.01);
  });

  it('spaces a reverse logarithmic track by the distance to 1', () => {
    const scale = scaleOf(float({ low: 0, high: 0.99, reverse_log: true }));
    expect(scale.position(0.9)).toBeCloseTo(0.5);
    expect(scale.value(0.5)).toBe(0.9);
    expect(scale.value(1)).toBe(0.99);
  });

  it('reaches both limits exactly, whatever their digits', () => {
    const scale = scaleOf(float({ low: 0.123456, high: 9.87654321 }));
    expect([scale.value(0), scale.value(1), scale.value(-3), scale.value(7)]).toEqual([
      0.123456, 9.87654321, 0.123456, 9.87654321
    ]);
  });

  it('gives values people can read', () => {
    expect(scaleOf(float({})).value(0.3333333)).toBe(0.333);
    expect(scaleOf(float({ low: 1e-4, high: 1e-1, log: true })).value(0.3333333)).toBe(0.001);
  });

  it('snaps ints to whole numbers', () => {
    const scale = scaleOf(float({ kind: 'int', low: 10, high: 1000, log: true }));
    expect(scale.value(0.5)).toBe(100);
    expect(Number.isInteger(scale.value(0.37))).toBe(true);
  });

  it('snaps to low + k * step and never past high', () => {
    const scale = scaleOf(float({ low: 0, high: 0.5, step: 0.15 }));
    expect([0, 0.3, 0.5, 0.7, 1].map(scale.value)).toEqual([0, 0.15, 0.3, 0.3, 0.45]);
  });

  it('moves at least one step with a key, in both directions', () => {
    const few = scaleOf(float({ kind: 'int', low: 0, high: 4 }));
    expect([few.move(2, 0.01), few.move(2, -0.01), few.move(4, 0.01), few.move(0, -0.01)]).toEqual([3, 1, 4, 0]);
    const log = scaleOf(float({ kind: 'int', low: 1, high: 1000, log: true }));
    expect(log.move(1, 0.01)).toBe(2);
  });

  it('jumps to the limits with an infinite share', () => {
    const scale = scaleOf(float({ low: 2, high: 3 }));
    expect([scale.move(2.5, -Infinity), scale.move(2.5, Infinity)]).toEqual([2, 3]);
  });

  it('returns to the same value from its position', () => {
    for (const fields of [
      { log: true, low: 1e-5 },
      { reverse_log: true, high: 0.999 },
      {},
      { kind: 'int' as const, high: 77 }
    ]) {
      const scale = scaleOf(float(fields));
      for (const at of [0.1, 0.5, 0.83]) {
        const value = scale.value(at);
        expect(scale.value(scale.position(value))).toBe(value);
      }
    }
  });

  it('bears a range of one value', () => {
    const scale = scaleOf(float({ low: 3, high: 3 }));
    expect([scale.position(3), scale.value(0.4)]).toEqual([0, 3]);
  });
});

describe('onGrid', () => {
  const lr = float({ low: 1e-4, high: 1e-1, log: true });
  const dropout = float({ high: 0.5, step: 0.05 });

  it('keeps what is typed inside the limits and on the steps', () => {
    expect([onGrid(lr, 5), onGrid(lr, 0.0123456), onGrid(dropout, 0.33)]).toEqual([0.1, 0.0123456, 0.35]);
  });
});
