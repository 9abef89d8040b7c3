import { describe, expect, it } from 'vitest';
import { SAVED_MIME, savedKernel } from '../../src/wire/saved';
import { Store, type Kernel } from '../../src/wire/store';
import { columnsOf } from '../../src/ui/trials/trial_columns';
import { landscape, openStore, parameters, snapshot, status, templates } from '../fixtures';

const sortedByName = {
  ...snapshot,
  status: {
    ...status,
    best: { number: 0, value: 0.9, params: { act: 'relu', lr: 0.01, width: 16 } },
    leader: { number: 0, value: 0.9, state: 'running', params: { act: 'relu', lr: 0.01 } } as const,
    queue: [{ seq: 4, params: { act: 'tanh', width: 12 } }]
  },
  trials: { ...snapshot.trials, 'p:act': ['relu'], 'p:lr': [0.01], 'p:width': [16] },
  landscape: { ...landscape, at: { act: 'relu', lr: 0.02 } }
};
// a snapshot's own columns came first, in any order
const scrambled = { ...sortedByName, trials: Object.fromEntries(Object.entries(sortedByName.trials).sort()) };

const orders = ({ tables }: Store): unknown => ({
  columns: columnsOf(tables.trials, tables.status)
    .map(({ key }) => key)
    .filter(key => key.startsWith('p:')),
  best: Object.keys(tables.status.best?.params ?? {}),
  leader: Object.keys(tables.status.leader?.params ?? {}),
  queue: tables.status.queue?.map(({ params }) => Object.keys(params)),
  at: Object.keys(tables.landscape?.at ?? {})
});
const DECLARED = {
  columns: ['p:lr', 'p:width', 'p:act'],
  best: ['lr', 'width', 'act'],
  leader: ['lr', 'act'],
  queue: [['width', 'act']],
  at: ['lr', 'act']
};
const saved = (): Kernel => savedKernel({ version: 1, parameters, templates, tables: scrambled }, 'connecting');

describe('parameters in the order of the cell', () => {
  it('stand so in a view whose page was loaded again, and after each message', () => {
    const { kernel, store } = openStore(scrambled);
    expect(orders(store)).toEqual(DECLARED);
    kernel.deliver({ type: 'delta', seq: 2, base: 1, status: scrambled.status, landscape: scrambled.landscape });
    expect(orders(store)).toEqual(DECLARED);
    kernel.deliver({ type: 'snapshot', ...scrambled, seq: 3 });
    expect(orders(store)).toEqual(DECLARED);
  });

  it(`stand so in what a notebook keeps as ${SAVED_MIME}`, () => {
    expect(orders(new Store(saved()))).toEqual(DECLARED);
  });

  it('cost no draw: a delta leaves the identity of what it does not touch', () => {
    const { kernel, store } = openStore(scrambled);
    const { trials, landscape: shown } = store.tables;
    kernel.deliver({ type: 'delta', seq: 2, base: 1, status });
    expect(store.tables.trials).toBe(trials);
    expect(store.tables.landscape).toBe(shown);
  });
});
