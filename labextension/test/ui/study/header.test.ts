import { describe, expect, it } from 'vitest';
import { createHeader } from '../../../src/ui/study/header';
import { snapshot } from '../../fixtures';
import { openPart, text } from '../open_part';

describe('the gain of the coming trials', () => {
  const said = (gain: object | null): string => {
    const status = { ...snapshot.status, gain: gain && { trials: 20, mean: 0.004, low: 0.002, high: 0.0091, ...gain } };
    return text(openPart(createHeader, { ...snapshot, status }).node, 'coming-gain');
  };

  it('is a band, in the units of the metric', () => {
    expect(said({})).toBe('next 20 trials: accuracy likely 0.002 to 0.0091 better');
    expect(said({ low: 1e-6, trials: 1 })).toBe('next trial: accuracy likely up to 0.0091 better');
    expect(said({ low: 0, high: 0, mean: 0 })).toBe('next 20 trials: accuracy likely no better');
  });

  it('is not said before it is known', () => {
    expect(said(null)).toBe('');
  });
});

describe('the progress', () => {
  const counted = (status: object): (string | null)[] => {
    const counts = { waiting: 0, running: 1, complete: 3, pruned: 0, failed: 0, cancelled: 2 };
    const { node } = openPart(createHeader, { ...snapshot, status: { ...snapshot.status, counts, ...status } });
    return [text(node, 'counts'), node.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow') ?? null];
  };

  it('counts trials of the budget that have ended, without those that never started', () => {
    expect(counted({ done: 3 })).toEqual(['3 of 10 trials3 complete2 cancelled1 running', '3']);
  });

  it('is counted by state on a page saved without `done`', () => {
    expect(counted({})[1]).toBe('5');
  });
});

describe('the time left', () => {
  const titles = (status: object): (string | null)[] => {
    const running = { ...snapshot, status: { ...snapshot.status, state: 'running' as const, ...status } };
    const { node } = openPart(createHeader, running);
    return [...node.querySelectorAll('.jt-facts span')].map(each => each.getAttribute('title'));
  };

  it('has the band in which the study ends 8 times of 10', () => {
    expect(titles({ eta_s: 82, eta_low_s: 60, eta_high_s: 125 })[1]).toMatch(
      /^(1 min( 0 s)? to 2 min 5 s|59 s to 2 min 4 s) \(80 % sure\)$/
    );
  });

  it('has none where it is sure, or not known', () => {
    expect(titles({ eta_s: 82, eta_low_s: 82, eta_high_s: 82 })[1]).toBe('');
    expect(titles({ eta_s: 82 })[1]).toBe('');
  });
});
