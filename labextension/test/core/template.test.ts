import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../src/core/protocol';
import { fromSnapshot } from '../../src/core/tables';
import { fill } from '../../src/core/template';
import { snapshot } from '../fixtures';
import cases from '../fixtures/fill_cases.json';

describe('fill, as Python fills', () => {
  for (const { name, tables, template, expected } of cases) {
    it(name, () => {
      expect(fill(template, fromSnapshot(tables as unknown as Snapshot))).toEqual(expected);
    });
  }
});

describe('fill', () => {
  it('leaves the template as it was', () => {
    const template = { data: [{ x: { $column: 'trials.number' } }] };
    const before = structuredClone(template);
    fill(template, fromSnapshot(snapshot));
    expect(template).toEqual(before);
  });

  it('names a column of no known table', () => {
    expect(() => fill({ $column: 'rungs.step' }, fromSnapshot(snapshot))).toThrow('rungs.step');
  });
});
