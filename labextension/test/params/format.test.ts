import { describe, expect, it } from 'vitest';
import {
  choiceName,
  formatCell,
  formatClock,
  formatDuration,
  formatNumber,
  formatTimeLeft
} from '../../src/params/format';
import { cases } from '../fixtures/number_cases.json';

describe('formatNumber', () => {
  it.each([...(cases as [number, string][]), [NaN, 'NaN'], [Infinity, '∞'], [-Infinity, '−∞']])(
    '%d is %s',
    (value, text) => {
      expect(formatNumber(value)).toBe(text);
    }
  );
});

describe('durations', () => {
  it.each([
    [0.4211, '0.42 s'],
    [8.31, '8.3 s'],
    [59.7, '1 min'],
    [80, '1 min 20 s'],
    [3600, '1 h'],
    [7520, '2 h 5 min'],
    [273600, '3 d 4 h'],
    [null, '–']
  ])('%d s is %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it('counts whole seconds on a clock', () => {
    expect([formatClock(0), formatClock(8.9), formatClock(80)]).toEqual(['0 s', '8 s', '1 min 20 s']);
  });

  it('rounds a forecast to what it is worth', () => {
    expect(formatTimeLeft(2)).toBe('a few seconds left');
    expect(formatTimeLeft(82)).toBe('about 1 min 20 s left');
    expect(formatTimeLeft(1234)).toBe('about 21 min left');
  });
});

describe('cells', () => {
  it('writes choices as Python does', () => {
    expect([true, false, null, 'relu', 3].map(choiceName)).toEqual(['True', 'False', 'None', 'relu', '3']);
  });

  it('shows a missing cell as a dash', () => {
    expect([formatCell(null), formatCell(undefined), formatCell(false)]).toEqual(['–', '–', 'False']);
  });
});
