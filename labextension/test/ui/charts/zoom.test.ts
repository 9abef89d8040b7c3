import { describe, expect, it } from 'vitest';
import { createZoom } from '../../../src/ui/charts/zoom';

const layout = { xaxis: { title: { text: 'trial' } }, yaxis: { title: { text: 'loss' }, range: [0, 1] }, margin: {} };
const zoomed = { xaxis: { range: [2, 5] }, yaxis: { range: [0.2, 0.4] } };
const CHANGED = { 'xaxis.range[0]': 2, 'xaxis.range[1]': 5, 'yaxis.range[0]': 0.2, 'yaxis.range[1]': 0.4 };

describe('createZoom', () => {
  it('leaves a layout as it is until the user zooms', () => {
    const zoom = createZoom();
    expect(zoom.over(layout)).toEqual(layout);
    zoom.note({ width: 300 }, zoomed);
    expect(zoom.over(layout)).toEqual(layout);
  });

  it('stays while the figure asks for other ranges, and is gone after a reset', () => {
    const zoom = createZoom();
    zoom.over(layout);
    zoom.note(CHANGED, zoomed);
    const later = { ...layout, yaxis: { ...layout.yaxis, range: [0, 9] } };
    expect(zoom.over(later)).toEqual({
      ...later,
      xaxis: { ...later.xaxis, range: [2, 5], autorange: false },
      yaxis: { ...later.yaxis, range: [0.2, 0.4], autorange: false }
    });
    zoom.reset();
    expect(zoom.over(later)).toEqual(later);
  });

  it('is given up once an axis shows something else', () => {
    const zoom = createZoom();
    zoom.over(layout);
    zoom.note(CHANGED, zoomed);
    const other = { ...layout, xaxis: { title: { text: 'lr' } } };
    expect(zoom.over(other)).toEqual(other);
    expect(zoom.over(layout)).toEqual(layout);
  });

  it('leaves the ticks of a logarithmic axis to Plotly: those of the whole are too far apart for a part', () => {
    const zoom = createZoom();
    const log = { xaxis: { type: 'log', tickvals: [1, 10, 100], ticktext: ['1', '10', '100'] } };
    zoom.over(log);
    zoom.note({ 'xaxis.range[0]': 0.2 }, { xaxis: { range: [0.2, 0.4] } });
    expect(zoom.over(log).xaxis).toEqual({ type: 'log', range: [0.2, 0.4], autorange: false });
  });
});
