import { describe, expect, it } from 'vitest';
import { adjusted, AS_SENT, csvOf, offersOf } from '../../src/charts/adjust';
import type { Fields, Figure } from '../../src/charts/template';

const results = { name: 'complete', x: [0, 1, 2], y: [0.5, 1e9, 0.25], customdata: [0, 1, 2] };
const figure: Figure = {
  data: [
    results,
    { name: 'pruned', x: [3], y: [2], customdata: [3] },
    { name: 'failed', x: [4], y0: 0.02, dy: 1e-9, yaxis: 'y2', customdata: [4] },
    { name: 'beyond the axis', meta: 'complete', x: [1], y: [1], customdata: [1] },
    { name: 'beyond the axis', meta: 'pruned', x: [5], y: [1], customdata: [5] }
  ],
  layout: {
    xaxis: { title: { text: 'trial' } },
    yaxis: { title: { text: 'loss' }, range: [0.2, 1] },
    yaxis2: { range: [0, 1] }
  }
};
const template: Figure = {
  data: [],
  layout: { ...figure.layout, yaxis: { title: { text: 'loss' }, range: { $span: { $column: 'trials.value' } } } }
};
const withValue = (value: number): Figure => ({
  ...figure,
  data: [...figure.data, { name: 'complete', x: [6], y: [value] }]
});
const names = (drawing: Figure): unknown[] => (drawing.data as Fields[]).map(({ name, meta }) => meta ?? name);

describe('what the user may change about a chart', () => {
  it('is offered where it would change something', () => {
    expect(offersOf(template, figure)).toEqual({ log: { axis: 'y', possible: true }, hidePruned: true, beyond: 2 });
    const plain = { data: [results], layout: { yaxis: { range: null } } };
    expect(offersOf(plain, plain)).toEqual({ log: null, hidePruned: false, beyond: 0 });
  });

  it('has the metric along x where that is its axis', () => {
    const layout = { xaxis: template.layout.yaxis, yaxis: { range: [0, 1] } };
    const drawing = { data: [{ x: [1, 2], y: [0, 1] }], layout: { xaxis: { range: null }, yaxis: { range: [0, 1] } } };
    expect(offersOf({ data: [], layout }, drawing).log).toEqual({ axis: 'x', possible: true });
    const log = adjusted({ data: [], layout }, drawing, { ...AS_SENT, log: true }).layout;
    expect(log).toMatchObject({ xaxis: { type: 'log', tickvals: [1, 1.5, 2] }, yaxis: { range: [0, 1] } });
  });

  it('leaves a chart as it was sent until something is chosen', () => {
    expect(adjusted(template, figure, AS_SENT)).toEqual(figure);
  });

  it('shows all: no end of an axis, no marks at it', () => {
    const all = adjusted(template, figure, { ...AS_SENT, showAll: true });
    expect(all.layout.yaxis).toEqual({ title: { text: 'loss' } });
    expect(all.layout.yaxis2).toEqual({ range: [0, 1] });
    expect(names(all)).toEqual(['complete', 'pruned', 'failed']);
  });

  it('puts the metric on a logarithmic axis, and shows all there; other axes stay', () => {
    const { layout } = adjusted(template, figure, { ...AS_SENT, log: true });
    expect(layout.yaxis).toEqual({
      title: { text: 'loss' },
      type: 'log',
      tickvals: [1, 1e4, 1e8],
      ticktext: ['1', '10000', '100000000']
    });
    expect([layout.xaxis, layout.yaxis2]).toEqual([figure.layout.xaxis, figure.layout.yaxis2]);
  });

  it('has no logarithmic axis for a value that is not greater than 0, also one that comes later', () => {
    for (const value of [0, -1]) {
      expect(offersOf(template, withValue(value)).log).toEqual({ axis: 'y', possible: false });
      expect(adjusted(template, withValue(value), { ...AS_SENT, log: true })).toEqual(withValue(value));
    }
  });

  it('hides the pruned trials alone, also those beyond the axis', () => {
    expect(names(adjusted(template, figure, { ...AS_SENT, hidePruned: true }))).toEqual([
      'complete',
      'failed',
      'complete'
    ]);
  });
});

describe('the CSV of a chart', () => {
  it('has a row for each point, in the words of the axes, and no marks of the page', () => {
    expect(csvOf(figure).split('\r\n')).toEqual([
      'series,trial,trial,loss,z',
      'complete,0,0,0.5,',
      'complete,1,1,1000000000,',
      'complete,2,2,0.25,',
      'pruned,3,3,2,',
      'failed,4,4,0.02,',
      ''
    ]);
  });

  it('has the cells of a plane, and passes over gaps', () => {
    const plane = { type: 'heatmap', x: [1, 2], y: ['a'], z: [[0.5, null]] };
    const line = { name: 'line', x: [1, null, 2], y: [3, null, 4], customdata: [7, null, 8] };
    const text = csvOf({ data: [plane, line], layout: {} });
    expect(text).toBe('series,trial,x,y,z\r\nheatmap,,1,a,0.5\r\nheatmap,,2,a,\r\nline,7,1,3,\r\nline,8,2,4,\r\n');
  });

  it('quotes what has commas or quotes, and keeps a spreadsheet from reading a formula', () => {
    const text = csvOf({ data: [{ name: '=1+1', x: ['a,"b"'], y: [-2] }], layout: {} });
    expect(text).toContain(`'=1+1,,"a,""b""",-2,`);
  });
});
