import { describe, expect, it } from 'vitest';
import { highlight } from '../../src/charts/highlight';

describe('highlight', () => {
  it('rings the dot of the trial, on the axes of its trace', () => {
    const dots = { type: 'scatter', mode: 'markers', x: [4, 5], y: [0.1, 0.2], customdata: [4, 5], yaxis: 'y2' };
    const [halo, ring] = highlight([dots], 5, 'black', 'white');
    expect(ring).toMatchObject({
      x: [5],
      y: [0.2],
      yaxis: 'y2',
      mode: 'markers',
      hoverinfo: 'skip',
      showlegend: false
    });
    expect([halo, ring].map(trace => trace?.marker)).toMatchObject([{ color: 'white' }, { color: 'black' }]);
    expect(highlight([dots], 6, 'black', 'white')).toEqual([]);
  });

  it('follows the curve of the trial, in pieces where others lie between', () => {
    const x = [1, 2, null, 1, 2, null, 3];
    const lines = { type: 'scatter', mode: 'lines+markers', x, y: x, customdata: [7, 7, null, 8, 8, null, 7] };
    expect(highlight([lines], 7, 'black', 'white')[0]).toMatchObject({ mode: 'lines', x: [1, 2, null, 3] });
  });

  it('does not ring a point of a line without dots', () => {
    const best = { type: 'scatter', mode: 'lines', x: [0, 1], y: [0.5, 0.6], customdata: [0, 1] };
    expect(highlight([best], 1, 'black', 'white')).toEqual([]);
  });

  it('frames the bar of the trial where it stands', () => {
    const bars = { type: 'bar', orientation: 'h', x: [3, 4], base: [0, 3], y: [1, 1], customdata: [0, 1] };
    const [frame] = highlight([bars], 1, 'black', 'white');
    expect(frame).toMatchObject({ type: 'bar', orientation: 'h', x: [4], base: [3], y: [1] });
  });

  it('finds the place of dots that are given by start and step', () => {
    const crosses = { mode: 'markers', x: [3, 9], y0: 0.02, dy: 1e-9, customdata: [3, 9] };
    expect(highlight([crosses], 3, 'black', 'white')[0]).toMatchObject({ x: [3], y: [0.02] });
  });

  it('takes the trial from the first of several customdata, and passes traces without any', () => {
    const dots = { mode: 'markers', x: [1], y: [2], customdata: [[3, 'lr: 0.1']] };
    expect(highlight([dots, { type: 'heatmap', z: [[1]] }], 3, 'black', 'white')).toHaveLength(2);
  });
});
