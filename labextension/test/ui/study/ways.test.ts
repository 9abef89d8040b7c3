/** How an interrupted study goes on, and that the way for an edited cell is said. */
import { describe, expect, it } from 'vitest';
import { createWays } from '../../../src/ui/study/ways';
import { savedFrom, savedKernel } from '../../../src/wire/saved';
import { Store } from '../../../src/wire/store';
import { openStore, snapshot, status } from '../../fixtures';
import { openPart, text } from '../open_part';

const interrupted = { ...snapshot, status: { ...status, state: 'interrupted', reason: 'gone' } } as const;
const resume = '%tune resume toy.tune.db';

describe('an interrupted study', () => {
  it('of a cell names what to run where the cell was edited', () => {
    const { store } = openStore(interrupted);
    const saved = new Store(savedKernel({ ...savedFrom(store), ways: { resume } }));
    const { node, draw } = createWays(saved);
    draw();
    expect(text(node, 'ways-note')).toContain('Resume runs the cell as it was.');
    expect(text(node, 'ways-note')).toContain('--resume --edited');
  });

  it('that no cell has started does not', () => {
    const { node } = openPart(createWays, interrupted);
    expect(text(node, 'ways-note')).toBe('');
  });
});
