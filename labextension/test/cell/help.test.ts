import { describe, expect, it } from 'vitest';
import { helpAt } from '../../src/cell/help';

const TEXT = `%%tune --maximize accuracy -n 60 --sampler gp
lr: jt.Float(1e-4, 1e-1, log=True) = 1e-2
act: Categorical(["log=", "Float("])
width = Int(1, high=9`;

function at(word: string, skip = 1): ReturnType<typeof helpAt> {
  return helpAt(TEXT, TEXT.indexOf(word) + skip);
}

describe('help', () => {
  it('is there for options of the magic line', () => {
    expect(at('--maximize')?.title).toBe('--maximize METRIC');
    expect(at('-n 60')?.title).toBe('-n, --trials N');
    expect(at('--sampler')?.rows[0]?.[1]).toContain('sobol');
    expect(at('accuracy')).toBeNull();
  });

  it('is there for ranges, with a line for each argument', () => {
    const help = at('jt.Float', 4);
    expect(help?.title).toBe('Float(low, high, *, log=False, reverse_log=False, step=None, default=None)');
    expect(help?.rows.map(([names]) => names)).toEqual(['low, high', 'log', 'reverse_log', 'step', 'default']);
    expect(TEXT.slice(help?.from, help?.to)).toBe('jt.Float');
    expect(at('Int(')?.title).toContain('Int(low, high');
  });

  it('is there for an argument by its name, and for nothing else in the call', () => {
    expect(at('log=True')?.about).toContain('orders of magnitude');
    expect(at('high=9')?.about).toContain('low <= high');
    expect(at('1e-4')).toBeNull();
    expect(at('True')).toBeNull();
  });

  it('is none in another cell', () => {
    expect(helpAt('lr: Float(0, 1)', 5)).toBeNull();
  });
});
