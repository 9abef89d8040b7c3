import { describe, expect, it } from 'vitest';
import { veils } from '../../src/core/outside';
import type { Landscape, Range } from '../../src/core/protocol';
import { fromSnapshot } from '../../src/core/tables';
import { parameters, snapshot, status } from '../fixtures';

const plane = {
  x: 'lr',
  y: 'act',
  x_values: [1e-4, 1e-2],
  y_values: ['relu', 'tanh'],
  x_type: 'log',
  y_type: 'category',
  mean: [[0]]
} as unknown as Landscape;

function shapes(ranges: Record<string, Range>, landscape: Landscape | null = plane): object[] {
  return veils(fromSnapshot({ ...snapshot, landscape, status: { ...status, ranges } }), parameters);
}

describe('veils', () => {
  it('leaves the declared ranges clear', () => {
    expect(shapes(status.ranges)).toEqual([]);
  });

  it('greys a logarithmic axis from the edge of the map to the range, on both sides', () => {
    const [left, right] = shapes({ ...status.ranges, lr: [1e-3, 5e-2] }) as Record<string, number>[];
    expect(left?.x0).toBeCloseTo(1e-5, 12);
    expect([left?.x1, right?.x0]).toEqual([1e-3, 5e-2]);
    expect(right?.x1).toBeCloseTo(1e-1, 12);
    expect(left).toMatchObject({ xref: 'x', yref: 'y domain', y0: 0, y1: 1 });
  });

  it('greys the choices that are left out', () => {
    expect(shapes({ ...status.ranges, act: ['tanh'] })).toMatchObject([
      { yref: 'y', y0: -0.5, y1: 0.5, xref: 'x domain' }
    ]);
  });

  it('has nothing to grey without a map', () => {
    expect(shapes({ lr: [1e-3, 5e-2] }, null)).toEqual([]);
    expect(shapes({ lr: [1e-3, 5e-2] }, { ...plane, mean: [] })).toEqual([]);
  });
});
