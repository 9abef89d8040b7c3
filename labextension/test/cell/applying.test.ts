import { describe, expect, it } from 'vitest';
import { applyBest, narrowAround, type Application } from '../../src/cell/applying';

const CELL = `%%tune --maximize score
lr: Float(1e-4, 1e-1, log=True) = 1e-2
width = Int(10, 1_000)
act: Annotated[str, Categorical(["relu", 'tanh'])] = "relu"
free: Float(0, n) = 1
report(score=lr)`;

function after(text: string, { changes }: Application): string {
  return [...changes]
    .reverse()
    .reduce((now, { from, to, insert }) => now.slice(0, from) + insert + now.slice(to), text);
}

describe('applyBest', () => {
  it('writes the exact values as defaults in the style of the cell, each where it has its place', () => {
    const applied = applyBest(CELL, { lr: 0.0031622776601683794, width: 96, act: 'tanh' });
    expect(after(CELL, applied)).toBe(
      CELL.replace('= 1e-2', '= 3.1622776601683794e-3')
        .replace('1_000)', '1_000, default=96)')
        .replace('= "relu"', "= 'tanh'")
    );
    expect(applied.words).toBe('lr = 0.003162, width = 96, act = tanh written as defaults.');
  });

  it('changes only what differs, and says so where nothing does', () => {
    const one = applyBest(CELL, { lr: 0.01, act: 'tanh' });
    expect(one.words).toBe('act = tanh written as defaults.');
    expect(one.changes).toHaveLength(1);
    const none = applyBest(CELL, { lr: 0.01, act: 'relu' });
    expect(none).toMatchObject({ changes: [], words: 'The defaults are the best values already.' });
  });

  it('names what has no place in the cell as it is now, and writes the rest', () => {
    const applied = applyBest(CELL, { lr: 0.5, width: 2.5, act: 'gelu', free: 2, gone: 1 });
    expect(applied.changes).toEqual([]);
    for (const words of [
      'lr could not be written: 0.5 is not in its range now.',
      'width could not be written: 2.5 is not in its range now.',
      'act could not be written: gelu is not in its range now.',
      'free could not be written: its range is not made of literals.',
      'gone could not be written: the cell does not declare it.'
    ])
      expect(applied.words).toContain(words);
    const some = applyBest(CELL, { lr: 0.02, free: 2 });
    expect(after(CELL, some)).toBe(CELL.replace('= 1e-2', '= 2e-2'));
    expect(some.words).toMatch(/^lr = 0\.02 written as defaults\. free could not/);
  });

  it('changes both declarations in the branches of an if, or neither', () => {
    const text = '%%tune\nif deep:\n    n: Int(1, 9) = 2\nelse:\n    n: Int(1, 9) = 2';
    expect(after(text, applyBest(text, { n: 4 }))).toBe(text.replaceAll('= 2', '= 4'));
    const open = '%%tune\nif deep:\n    n: Int(1, m) = 2\nelse:\n    n: Int(1, 9) = 2';
    expect(applyBest(open, { n: 4 }).changes).toEqual([]);
  });
});

describe('narrowAround', () => {
  it('writes ranges that hold all of what they were given, with few digits, and no wider than the cell has them', () => {
    const ranges = { lr: [0.0012345678, 0.2], width: [31, 87], act: ['tanh', 'gelu'] };
    const applied = narrowAround(CELL, ranges);
    expect(after(CELL, applied)).toBe(
      CELL.replace('1e-4, 1e-1', '1.23e-3, 1e-1')
        .replace('10, 1_000', '31, 87')
        .replace(`["relu", 'tanh'])] = "relu"`, `['tanh'])] = 'tanh'`)
    );
    expect(applied.words).toBe('lr from 0.00123 to 0.1, width from 31 to 87, act in tanh written as ranges.');
    expect(applied.written).toMatchObject({ lr: { bounds: [0.00123, 0.1] }, act: { choices: ['tanh'] } });
    expect(narrowAround(after(CELL, applied), ranges)).toMatchObject({
      changes: [],
      words: 'The ranges are as narrow already.'
    });
  });

  it('keeps a value at the end of a narrow range within it', () => {
    for (const [low, high] of [
      [0.00199999, 0.00200001],
      [0.0333333, 0.0666666],
      [0.000999996, 0.09999996]
    ] as const) {
      const bounds = narrowAround(CELL, { lr: [low, high] }).written.lr?.bounds;
      expect(bounds?.[0]).toBeLessThanOrEqual(low);
      expect(bounds?.[1]).toBeGreaterThanOrEqual(high);
    }
  });

  it('stays on the steps of a stepped range', () => {
    const text = '%%tune\nx: Float(0, 1, step=0.1) = 0.5\nn: Int(8, 64, step=8) = 8';
    expect(after(text, narrowAround(text, { x: [0.2, 0.8], n: [16, 40] }))).toBe(
      '%%tune\nx: Float(0.2, 0.8, step=0.1) = 0.5\nn: Int(16, 40, step=8) = 16'
    );
  });

  it('does not move a range to where the cell has none any more', () => {
    const applied = narrowAround(CELL, { lr: [0.2, 0.4], act: ['gelu'], free: [0, 1] });
    expect(applied.changes).toEqual([]);
    expect(applied.words).toContain('lr could not be written: its range is not 0.2 to 0.4 any more.');
    expect(applied.words).toContain('act could not be written: the cell has none of gelu now.');
  });
});
