import { describe, expect, it } from 'vitest';
import { withFittingLabels } from '../../src/charts/labels';

/** Bars of these lengths, one after another, with their numbers on them. */
function bars(...lengths: readonly number[]): Record<string, unknown> {
  const base = lengths.map((_, at) => lengths.slice(0, at).reduce((sum, length) => sum + length, 0));
  return { type: 'bar', orientation: 'h', base, x: lengths, text: lengths.map((_, at) => at) };
}
const textOf = (data: readonly unknown[]): unknown => data.map(trace => (trace as { text?: unknown }).text);

describe('the labels of bars', () => {
  it('stay where they may fit, and are left out where they cannot', () => {
    expect(textOf(withFittingLabels([bars(90, 1, 9), bars(1, 99)], 400))).toEqual([
      [0, 1, 2],
      [0, 1]
    ]);
    expect(textOf(withFittingLabels([bars(90, 1, 9), bars(1, 99)], 300))).toEqual([
      [0, '', 2],
      ['', 1]
    ]);
  });

  it('are there for what a zoom has made wide', () => {
    const hundred = bars(...Array.from({ length: 100 }, () => 1));
    expect(textOf(withFittingLabels([hundred], 300))).toEqual([Array.from({ length: 100 }, () => '')]);
    expect(withFittingLabels([hundred], 300, [10, 20])[0]).toBe(hundred);
  });

  it('are only those of horizontal bars: all else stays as it is', () => {
    const data = [{ type: 'scatter', x: [1], text: ['a long name'] }, { type: 'bar', x: [0], text: ['b'] }, null];
    expect(withFittingLabels(data, 10)).toBe(data);
  });
});
