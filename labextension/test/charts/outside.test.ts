import { describe, expect, it } from 'vitest';
import { veils } from '../../src/charts/outside';
import type { Landscape, Range } from '../../src/wire/protocol';
import { fromSnapshot } from '../../src/wire/tables';
import { parameters, snapshot, status } from '../fixtures';

const plane = {
  x: 'lr',
  y: 'act',
  x_values: [1e-4, 1e-2],
  y_values: ['relu', 'tanh'],
  x_axis: { type: 'log', on: null },
  y_axis: { type: 'linear', on: { choices: ['relu', 'tanh'] } },
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
      { yref: 'y', y0: 0, y1: 0.5, xref: 'x domain' }
    ]);
  });

  it('greys an axis of distances to 1 by the places of the range', () => {
    const on = { low: 0, high: 0.99, scale: 'reverse_log' } as const;
    const momentum = { name: 'momentum', kind: 'float', low: 0, high: 0.99, reverse_log: true } as const;
    const landscape = { ...plane, x: 'momentum', x_values: [0, 0.9, 0.99], x_axis: { type: 'linear' as const, on } };
    const tables = { ...snapshot, landscape, status: { ...status, ranges: { momentum: [0.9, 0.99] } } };
    expect(veils(fromSnapshot(tables), [momentum])).toMatchObject([{ xref: 'x', x0: -0.25, x1: 0.5 }]);
  });

  it('has nothing to grey without a map', () => {
    expect(shapes({ lr: [1e-3, 5e-2] }, null)).toEqual([]);
    expect(shapes({ lr: [1e-3, 5e-2] }, { ...plane, mean: [] })).toEqual([]);
  });
});
