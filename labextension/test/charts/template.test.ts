import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../src/wire/protocol';
import { fromSnapshot } from '../../src/wire/tables';
import { asValues, fill } from '../../src/charts/template';
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

  it('gives the values in place of what is drawn, for a file of the data', () => {
    const on = { choices: [null, 'relu'] };
    const nones = ['act', ''];
    const trials = { number: [0, 1], state: ['complete', 'complete'], value: [2, 1], nones, 'p:act': [null, 'relu'] };
    const template = {
      x: { $column: 'trials.p:act', on },
      lines: ['x', 'y'].map($parallel => ({ $parallel, axes: [{ column: 'p:act', ...on }, { column: 'value' }] }))
    };
    const tables = fromSnapshot({ ...snapshot, trials });
    expect(fill(template, tables)).toMatchObject({ x: [0.25, 0.75] });
    expect(fill(asValues(template), tables)).toEqual({
      x: ['None', 'relu'],
      lines: [
        ['act', 'value', null, 'act', 'value'],
        ['relu', 1, null, 'None', 2]
      ]
    });
  });
});
