import { describe, expect, it } from 'vitest';
import { axesSpan, brushed, withMark, type Brush } from '../../src/charts/brush';
import { isFields, type Fields } from '../../src/charts/template';

/** Trials 1, 2 and 3 over two parameters and the metric; trial 3 is without the second parameter. */
const figure = {
  data: [
    {
      mode: 'lines',
      x: [0, 1, 2, null, 0, 1, 2, null, 0, 2],
      y: [0.1, 0.5, 1, null, 0.9, 0.5, 0.5, null, 0.2, 0],
      customdata: [1, 1, 1, null, 2, 2, 2, null, 3, 3]
    },
    { mode: 'lines', name: 'best', x: [0, 1, 2], y: [0.1, 0.5, 1], customdata: [1, 1, 1] },
    { mode: 'markers', name: 'results', y: [20, 15, 10], customdata: [1, 2, 3], hovertext: ['a', 'b', 'c'] }
  ],
  layout: {
    meta: { brush: true },
    xaxis: { range: [-0.15, 2.15], tickvals: [0, 1, 2] },
    yaxis2: { range: [10, 20] }
  }
};

const none: Brush = new Map();

/** The trials of the lines that have not faded, and those of the dots. */
function shown(brush: Brush, of = figure) {
  const { figure: drawn, kept } = brushed(of, brush);
  const trials = (traces: Fields[]): unknown[] => [
    ...new Set(traces.flatMap(({ customdata }) => customdata as unknown[]).filter(trial => trial !== null))
  ];
  const traces = drawn.data.filter(isFields);
  const lines = trials(traces.filter(({ mode, opacity }) => mode === 'lines' && opacity === undefined));
  const faded = trials(traces.filter(({ opacity }) => opacity !== undefined));
  expect(lines).toHaveLength(kept);
  return { lines, faded, dots: trials(traces.filter(({ mode }) => mode === 'markers')) };
}

describe('brushed', () => {
  it('leaves a chart without marks as it is', () => {
    expect(brushed(figure, none)).toEqual({ figure, kept: 3, of: 3 });
  });

  it('keeps the lines that pass through every mark, and fades the others', () => {
    const low = withMark(none, figure, 0, [0, 0.3]);
    expect(shown(low)).toEqual({ lines: [1, 3], faded: [2], dots: [1, 3] });
    expect(shown(withMark(low, figure, 2, [0.4, 1]))).toEqual({ lines: [1], faded: [2, 3], dots: [1] });
    // one without the parameter passes nowhere on its axis
    expect(shown(withMark(none, figure, 1, [0, 1])).lines).toEqual([1, 2]);
    // a second mark on an axis takes the place of the first
    expect(shown(withMark(low, figure, 0, [0.8, 1])).lines).toEqual([2]);
  });

  it('draws a box at each mark, and keeps dots and their words together', () => {
    const { figure: drawn, of } = brushed(figure, withMark(none, figure, 0, [0, 0.3]));
    expect(of).toBe(3);
    expect(drawn.layout.shapes).toMatchObject([{ type: 'rect', y0: 0, y1: 0.3 }]);
    expect(drawn.data.at(-1)).toMatchObject({ y: [20, 10], hovertext: ['a', 'c'] });
    const gaps = drawn.data.filter(isFields).map(({ x, y, customdata }) => [x, y, customdata].filter(Array.isArray));
    for (const cells of gaps) expect(new Set(cells.map(cell => (cell as unknown[]).length)).size).toBe(1);
  });

  it('keeps a mark on the metric where its values are, when the axis grows', () => {
    const brush = withMark(none, figure, 2, [0.4, 0.6]);
    const grown = {
      data: [{ mode: 'lines', x: [2, null, 2], y: [0.15, null, 0.5], customdata: [2, null, 4] }],
      layout: { ...figure.layout, yaxis2: { range: [10, 50] } }
    };
    // 14 to 16 are now 0.1 to 0.15
    expect(brushed(grown, brush).figure.layout.shapes).toMatchObject([{ y0: 0.1, y1: 0.15 }]);
    expect(brushed(grown, brush)).toMatchObject({ kept: 1, of: 2 });
  });
});

describe('axesSpan', () => {
  it('is what the axis spans, of a chart that takes marks', () => {
    expect(axesSpan(figure)).toEqual([-0.15, 2.15]);
    expect(axesSpan({ ...figure, layout: { ...figure.layout, meta: undefined } })).toBeNull();
  });
});
