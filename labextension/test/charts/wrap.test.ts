import { describe, expect, it } from 'vitest';
import { rowsOf, wrapped } from '../../src/charts/wrap';

const axis = (name: string): object => ({ title: { text: name }, domain: [0, 0.1], anchor: 'y' });
const figure = {
  data: [
    { name: 'a', xaxis: 'x', yaxis: 'y' },
    { name: 'b', xaxis: 'x2', yaxis: 'y' },
    { name: 'c', xaxis: 'x3', yaxis: 'y2' }
  ],
  layout: {
    meta: { wraps: true },
    xaxis: axis('a'),
    xaxis2: axis('b'),
    xaxis3: axis('c'),
    yaxis: { title: { text: 'loss' }, range: [0, 1] },
    yaxis2: { matches: 'y' },
    showlegend: false
  }
};

describe('charts in rows', () => {
  it('are as many in a row as can be read, and as high together as their rows', () => {
    expect([300, 500, 700, 5000].map(width => rowsOf(figure, width)?.columns)).toEqual([1, 2, 3, 3]);
    expect(rowsOf(figure, 300)?.height).toBeGreaterThan(rowsOf(figure, 500)?.height ?? 0);
  });

  it('stay as they are in a chart that does not wrap, or has no width yet', () => {
    expect(rowsOf({ ...figure, layout: { ...figure.layout, meta: undefined } }, 500)).toBeNull();
    expect(rowsOf(figure, 0)).toBeNull();
  });

  it('have one y axis in each row, all of one range', () => {
    const { data, layout } = wrapped(figure, 1);
    expect(data).toMatchObject([{ yaxis: 'y' }, { yaxis: 'y2' }, { yaxis: 'y3' }]);
    expect(layout).toMatchObject({
      xaxis3: { anchor: 'y3', title: { text: 'c' } },
      yaxis: { range: [0, 1] },
      yaxis2: { range: [0, 1], matches: 'y', title: { text: 'loss' } },
      yaxis3: { matches: 'y' },
      showlegend: false
    });
    expect(layout.xaxis).toMatchObject({ domain: [0, 0.86] });
  });

  it('leave no axis without charts', () => {
    const { data, layout } = wrapped(figure, 3);
    expect(data.every(trace => (trace as { yaxis: string }).yaxis === 'y')).toBe(true);
    expect('yaxis2' in layout).toBe(false);
    expect(layout.xaxis2).toMatchObject({ anchor: 'y' });
  });
});
