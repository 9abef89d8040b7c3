import { describe, expect, it } from 'vitest';
import { missingDots, missingImportances, missingLandscape, missingSlices } from '../../src/charts/missing';
import type { Tables } from '../../src/wire/tables';
import { landscape, snapshot } from '../fixtures';

const OF_MODEL = { missingLandscape, missingSlices, missingImportances, missingDots };
const NOTHING = {
  ...landscape,
  mean: [],
  slice_x: undefined,
  importances: null,
  trials: { ...landscape.trials, number: [] }
} as unknown as typeof landscape;

const tables = (state: string, model: typeof landscape | null): Tables =>
  ({ ...snapshot, status: { ...snapshot.status, state }, landscape: model }) as unknown as Tables;

describe.each(Object.entries(OF_MODEL))('%s', (_, missing) => {
  it.each(['ended', 'interrupted'])('says of a study that is %s that its model may still come', state => {
    expect(missing(tables(state, null), true)).toBe('The model is not drawn yet.');
  });

  it('says that none came where no kernel answers any more', () => {
    expect(missing(tables('ended', null), false)).toBe('The study ended before there was a model.');
  });

  it('says that none came where the kernel has answered', () => {
    expect(missing(tables('ended', { ...NOTHING, note: '' }), true)).toBe('The study ended before there was a model.');
  });

  it('says of a running study that it comes with the first trials', () => {
    expect(missing(tables('running', null), true)).toMatch(/first trials|few trials/);
  });
});
