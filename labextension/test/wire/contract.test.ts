/** What page and kernel must know alike, from the page's side; Python's tests read the same file. */
import { describe, expect, it } from 'vitest';
import { KINDS } from '../../src/ui/explore/views';
import contract from '../../src/wire/contract.json';
import { STATE_ORDER } from '../../src/wire/palette';
import { snapshot } from '../fixtures';

describe('the contract', () => {
  it('has the states that the page puts in order', () => {
    expect([...STATE_ORDER].sort()).toEqual(Object.keys(contract.states).sort());
  });

  it('has the columns that the tests of the page are made of', () => {
    const known = new Set(contract.trials);
    const own = Object.keys(snapshot.trials).filter(name => !name.startsWith('p:'));
    expect(own.filter(name => !known.has(name))).toEqual([]);
    expect(Object.keys(snapshot.points).sort()).toEqual([...contract.points].sort());
  });

  it('has the kinds of tabs', () => {
    expect(Object.keys(KINDS)).toEqual(contract.kinds);
  });
});
