import { describe, expect, it } from 'vitest';
import {
  bestInWords,
  endInWords,
  keepsFailing,
  percentDone,
  progressInWords,
  statusInWords
} from '../../../src/lab/served/words';
import { row } from './rows';

describe('a study of the list in words', () => {
  it('says how far it is', () => {
    expect(progressInWords(row)).toBe('12 of 60 trials, 2 running, 1 failed, about 2 min left');
    expect(progressInWords({ ...row, state: 'ended', running: 0, counts: {} })).toBe('12 of 60 trials');
    expect(progressInWords({ ...row, budget: null, done: 1, running: 0, counts: {}, eta_s: null })).toBe('1 trial');
    expect(progressInWords({ ...row, error: 'digits.tune.db is no study' })).toBe('digits.tune.db is no study');
  });

  it('says the best, of several metrics how many stand on the front, before a result who leads', () => {
    expect(bestInWords(row)).toBe('accuracy 0.9733');
    expect(bestInWords({ ...row, best: null })).toBe('');
    expect(bestInWords({ ...row, best: null, leader: { trial: 3, value: 0.5 } })).toBe('accuracy 0.5 so far');
    expect(bestInWords({ ...row, front: 3, further: ['latency'] })).toBe('3 on the front of accuracy, latency');
  });

  it('says why it ended', () => {
    expect(endInWords({ ...row, state: 'ended', reason: 'target 0.97 reached' })).toBe(
      'Study digits has ended: target 0.97 reached. Best accuracy 0.9733.'
    );
    expect(endInWords({ ...row, state: 'interrupted', best: null })).toBe('Study digits was interrupted.');
  });
});

describe('the status bar', () => {
  it('has what runs', () => {
    expect(statusInWords([row])).toBe('digits: 2 trials running · accuracy 0.9733');
    expect(statusInWords([row, { ...row, path: 'b', running: 1 }])).toBe('2 studies, 3 trials running');
    expect(statusInWords([{ ...row, state: 'paused' }])).toBe('digits: paused · accuracy 0.9733');
  });

  it('says how far a study is between two trials, and nothing when none runs', () => {
    expect(statusInWords([{ ...row, running: 0, counts: {}, eta_s: null }])).toBe(
      'digits: 12 of 60 trials · accuracy 0.9733'
    );
    expect(statusInWords([{ ...row, state: 'ended' }])).toBe('');
  });
});

describe('the title of the tab', () => {
  it('has the share of all studies that run and have a budget', () => {
    expect(percentDone([row])).toBe(20);
    expect(percentDone([row, { ...row, done: 40, budget: 40 }, { ...row, budget: null }])).toBe(52);
    expect(percentDone([{ ...row, state: 'ended' }])).toBeNull();
    expect(percentDone([{ ...row, budget: null }])).toBeNull();
  });
});

describe('a study that keeps failing', () => {
  it('has lost half of its trials, and at least three', () => {
    expect(keepsFailing({ ...row, counts: { failed: 2 }, done: 2 })).toBe(false);
    expect(keepsFailing({ ...row, counts: { failed: 3 }, done: 6 })).toBe(true);
    expect(keepsFailing({ ...row, counts: { failed: 3 }, done: 7 })).toBe(false);
  });
});
