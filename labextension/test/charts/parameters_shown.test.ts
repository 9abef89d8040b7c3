import { describe, expect, it } from 'vitest';
import { withParameters } from '../../src/charts/parameters_shown';

const meta = { parameters: ['lr', 'width', 'act'] };

describe('charts of the parameters that were chosen', () => {
  const slices = {
    data: [
      { name: 'lr', xaxis: 'x', yaxis: 'y' },
      { name: 'width', xaxis: 'x2', yaxis: 'y' },
      { name: 'act', xaxis: 'x3', yaxis: 'y' },
      { name: 'beyond the axis', xaxis: 'x3', yaxis: 'y' }
    ],
    layout: { meta, xaxis: { domain: [0, 0.3] }, xaxis2: {}, xaxis3: {}, yaxis: { range: [0, 1] }, showlegend: false }
  };

  it('are those whose own they are, with all that is drawn on them', () => {
    const { data, layout } = withParameters(slices, ['act', 'width']);
    expect(data).toEqual(slices.data.slice(1));
    expect(layout).toEqual({ meta, xaxis2: {}, xaxis3: {}, yaxis: { range: [0, 1] }, showlegend: false });
  });

  it('are what was sent where all are chosen, or the template is of no parameters', () => {
    expect(withParameters(slices, ['lr', 'width', 'act', 'gone'])).toBe(slices);
    const edf = { data: [{ x: [1] }], layout: { xaxis: {} } };
    expect(withParameters(edf, ['lr'])).toBe(edf);
  });
});

describe('parallel coordinates of the parameters that were chosen', () => {
  const axes = [{ column: 'p:lr' }, { column: 'p:width' }, { column: 'p:act' }, { column: 'value' }];
  const parallel = {
    data: [
      { name: 'trials', x: { $parallel: 'x', axes, band: [0, 8] }, y: { $parallel: 'y', axes, band: [0, 8] } },
      { name: 'results', x0: 3, y: { $column: 'trials.value' } }
    ],
    layout: {
      meta,
      xaxis: { range: [-0.15, 3.15], tickvals: [0, 1, 2, 3], ticktext: ['lr', 'width', 'act', { $status: 'metric' }] },
      annotations: [
        { x: 0, text: '0.1' },
        { x: 2, text: 'relu' },
        { x: 2, text: 'tanh' }
      ]
    }
  };

  it('have the lines, labels and results at the places that are left', () => {
    const { data, layout } = withParameters(parallel, ['lr', 'act']);
    const left = [{ column: 'p:lr' }, { column: 'p:act' }, { column: 'value' }];
    expect(data).toEqual([
      {
        name: 'trials',
        x: { $parallel: 'x', axes: left, band: [0, 8] },
        y: { $parallel: 'y', axes: left, band: [0, 8] }
      },
      { name: 'results', x0: 2, y: { $column: 'trials.value' } }
    ]);
    expect(layout.annotations).toEqual([
      { x: 0, text: '0.1' },
      { x: 1, text: 'relu' },
      { x: 1, text: 'tanh' }
    ]);
    expect(layout.xaxis).toMatchObject({ tickvals: [0, 1, 2], ticktext: ['lr', 'act', { $status: 'metric' }] });
    const [from, to] = (layout.xaxis as { range: number[] }).range;
    expect(from).toBe(-0.15);
    expect(to).toBeCloseTo(2.15);
  });
});
