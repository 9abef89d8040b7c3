/** What page and kernel must know alike, from the page's side; Python's tests read the same file. */
import { describe, expect, it } from 'vitest';
import { STATE_COLOURS, STATE_ORDER } from '../../src/wire/palette';
import type { ChartName, PageMessage } from '../../src/wire/protocol';
import contract from '../fixtures/contract.json';
import { snapshot } from '../fixtures';

/** Of every request its fields; the compiler wants each to be here. */
const requests: Readonly<Record<PageMessage['type'], readonly string[]>> = {
  snapshot: [],
  landscape: ['x', 'y', 'at'],
  log: ['trial'],
  stop: [],
  pause: [],
  resume: [],
  more: ['trials'],
  narrow: ['ranges'],
  enqueue: ['params'],
  halt: ['trial', 'state'],
  budget: ['trials', 'workers'],
  undo: ['seq'],
  replace: [],
  start: ['name']
} satisfies { readonly [Type in PageMessage['type']]: readonly (keyof Extract<PageMessage, { type: Type }>)[] };

const charts: Readonly<Record<ChartName, true>> = {
  history: true,
  curves: true,
  landscape_mean: true,
  landscape_deviation: true,
  landscape_acquisition: true,
  contour: true,
  slice_x: true,
  slice_y: true,
  parallel: true,
  slice: true,
  importances: true,
  timeline: true,
  edf: true,
  rank: true
};

describe('the contract', () => {
  it('has the states, each of one colour', () => {
    const { unfinished, ...colours } = STATE_COLOURS;
    expect(colours).toEqual(contract.states);
    expect(unfinished).toBe(colours.running);
    expect([...STATE_ORDER].sort()).toEqual(Object.keys(contract.states).sort());
  });

  it('has the columns that the tests of the page are made of', () => {
    const known = new Set(contract.trials);
    const own = Object.keys(snapshot.trials).filter(name => !name.startsWith('p:'));
    expect(own.filter(name => !known.has(name))).toEqual([]);
    expect(Object.keys(snapshot.points).sort()).toEqual([...contract.points].sort());
  });

  it('has the charts', () => {
    expect(Object.keys(charts).sort()).toEqual(contract.charts);
  });

  it('has the requests, with their fields', () => {
    expect(requests).toEqual(contract.requests);
  });
});
