import { describe, expect, it } from 'vitest';
import { declarations } from '../../src/cell/declarations';
import { written } from '../../src/cell/literals';
import { rewrite, type Wanted } from '../../src/cell/rewriting';
import type { Cell } from '../../src/wire/protocol';

const MAGIC = '%%tune\n';

/** The cell's text after the change. */
function after(body: string, wanted: Readonly<Record<string, Wanted>>, texts?: ReadonlyMap<Cell, string>): string {
  const text = MAGIC + body;
  const changes = rewrite(text, declarations(text), wanted, texts);
  let [result, done] = ['', 0];
  for (const { from, to, insert } of changes) {
    expect(from).toBeGreaterThanOrEqual(done);
    result += text.slice(done, from) + insert;
    done = to;
  }
  return (result + text.slice(done)).slice(MAGIC.length);
}

describe('written', () => {
  it.each([
    [0.00032, '1e-4', '3.2e-4'],
    [0.00032, '1.0E-04', '3.2E-04'],
    [3e-5, '1.0E-04', '3.0E-05'],
    [250000, '1e+6', '2.5e+5'],
    [250000, '1e6', '2.5e5'],
    [2.5, '1e-1', '2.5'],
    [3, '1e-1', '3.0'],
    [30, '1e-1', '3e1'],
    [0, '1e-1', '0.0'],
    [0.00032, '0.001', '0.00032'],
    [0.000032, '0.001', '3.2e-5'],
    [0.35, '.5', '.35'],
    [2, '0.5', '2.0'],
    [2, '1.', '2.0'],
    [0.35, '1', '0.35'],
    [12, '64', '12'],
    [1500, '1_000', '1_500'],
    [2500000, '1_000', '2_500_000'],
    [500, '1_000', '500'],
    [1500.25, '1_000.5', '1_500.25'],
    [1500, '64', '1500'],
    [-0.5, '-3.0', '-0.5'],
    [3, '-3', '3'],
    [255, '0x10', '0xff'],
    [255, '0xAB', '0xFF'],
    [9, '0b1', '0b1001'],
    [1e22, '10', '1e22']
  ])('writes %f in the style of %s as %s', (value, like, text) => {
    expect(written(value, like)).toBe(text);
    expect(Number(text.replaceAll('_', ''))).toBe(value);
  });

  it('writes choices as Python does, strings in the quotes that stood there', () => {
    expect([null, true, false].map(value => written(value))).toEqual(['None', 'True', 'False']);
    expect(written('relu', "'tanh'")).toBe("'relu'");
    expect(written('relu', '"tanh"')).toBe('"relu"');
    expect(written("it's", "'tanh'")).toBe('"it\'s"');
    expect(written('a\\b\n"\'', '"x"')).toBe('"a\\\\b\\n\\"\'"');
  });
});

describe('rewrite', () => {
  it('changes the two bounds in their own styles and nothing else', () => {
    const cell = 'lr:   Float(1e-4,  # low\n  0.1, log=True)  = 1e-2  # note\nn = lr';
    expect(after(cell, { lr: { bounds: [3.2e-4, 0.05] } })).toBe(
      'lr:   Float(3.2e-4,  # low\n  0.05, log=True)  = 1e-2  # note\nn = lr'
    );
    expect(after('w = Int(high=1_000, low=10)', { w: { bounds: [20, 2000] } })).toBe('w = Int(high=2_000, low=20)');
  });

  it('leaves the text of a bound that stays', () => {
    expect(after('x: Float(0.10, 1.00)', { x: { bounds: [0.1, 0.7] } })).toBe('x: Float(0.10, 0.7)');
    expect(rewrite(`${MAGIC}x: Int(1, 9)`, declarations(`${MAGIC}x: Int(1, 9)`), { x: { bounds: [1, 9] } })).toEqual(
      []
    );
  });

  it('writes a fraction in the style of the other bound where 0 or 1 stood', () => {
    expect(after('x: Float(1e-4, 1, log=True)', { x: { bounds: [1e-4, 0.03] } })).toBe(
      'x: Float(1e-4, 3e-2, log=True)'
    );
    expect(after('x: Float(1e-4, 2.5)', { x: { bounds: [1e-4, 0.003] } })).toBe('x: Float(1e-4, 3e-3)');
    expect(after('x: Float(0, 1)', { x: { bounds: [0.25, 1] } })).toBe('x: Float(0.25, 1)');
    expect(after('n: Int(1, 1e3)', { n: { bounds: [1, 500] } })).toBe('n: Int(1, 500)');
  });

  it('moves a default that is left out to the nearest end', () => {
    expect(after('x: Float(0.0, 1.0) = 0.9', { x: { bounds: [0, 0.5] } })).toBe('x: Float(0.0, 0.5) = 0.5');
    expect(after('x = Float(0, 1, default=.1)', { x: { bounds: [0.5, 1] } })).toBe('x = Float(0.5, 1, default=.5)');
    expect(after('x: Float(0, 1, default=0.1) = 0.2', { x: { bounds: [0.5, 1] } })).toBe(
      'x: Float(0.5, 1, default=0.5) = 0.5'
    );
    expect(after('x: Float(0, 1) = n', { x: { bounds: [0.5, 1] } })).toBe('x: Float(0.5, 1) = n');
  });

  it('writes a default where one stands, and adds one where none does', () => {
    expect(after('x: Float(1e-4, 1e-1) = 1e-2', { x: { default: 0.00314 } })).toBe('x: Float(1e-4, 1e-1) = 3.14e-3');
    expect(after('x: Float(1e-4, 1e-1)  # n', { x: { default: 0.00314 } })).toBe('x: Float(1e-4, 1e-1) = 3.14e-3  # n');
    expect(after('x = Float(0.0, 1.0,)', { x: { default: 0.5 } })).toBe('x = Float(0.0, 1.0, default=0.5,)');
    expect(after('x = Int(0, 9)', { x: { default: 5 } })).toBe('x = Int(0, 9, default=5)');
    expect(after('x: Annotated[int, Int(0, 9)]', { x: { default: 5 } })).toBe('x: Annotated[int, Int(0, 9)] = 5');
    expect(after('x: int = Int(0, 9)', { x: { default: 5 } })).toBe('x: int = Int(0, 9, default=5)');
    expect(after('x: Float(0, 1) = best[0]', { x: { default: 0.5 } })).toBe('x: Float(0, 1) = 0.5');
    expect(after("c: Categorical(['a', 'b'])", { c: { default: 'b' } })).toBe("c: Categorical(['a', 'b']) = 'b'");
    expect(after("c = Categorical(['a', None])", { c: { default: null } })).toBe(
      "c = Categorical(['a', None], default=None)"
    );
    expect(after('x: Float(0, 1, default=0.1) = 0.2', { x: { bounds: [0, 0.5], default: 0.4 } })).toBe(
      'x: Float(0, 0.5, default=0.1) = 0.4'
    );
  });

  it('changes every declaration of the name, and several names at once', () => {
    const cell = 'if a == 1:\n    x: Int(1, 9)\nelse:\n    x: Int(1, 9)\ny = Int(1, 9)\nz: Int(1, 9)';
    expect(after(cell, { x: { bounds: [2, 9] }, z: { default: 3 } })).toBe(
      'if a == 1:\n    x: Int(2, 9)\nelse:\n    x: Int(2, 9)\ny = Int(1, 9)\nz: Int(1, 9) = 3'
    );
  });

  it('changes nothing of what is no literal or not declared', () => {
    expect(after('x: Float(0, n)', { x: { bounds: [0, 1] } })).toBe('x: Float(0, n)');
    expect(after('toString: Float(0, 1)', { y: { default: 3 } })).toBe('toString: Float(0, 1)');
  });

  it('takes choices away with their commas', () => {
    const cell = 'c: Categorical(["a", \'b\', "c"])';
    const choices = (...left: string[]): string => after(cell, { c: { choices: left } });
    expect(choices('a', 'b')).toBe('c: Categorical(["a", \'b\'])');
    expect(choices('a', 'c')).toBe('c: Categorical(["a", "c"])');
    expect(choices('b', 'c')).toBe('c: Categorical([\'b\', "c"])');
    expect(choices('b')).toBe("c: Categorical(['b'])");
    expect(choices('c')).toBe('c: Categorical(["c"])');
    expect(choices()).toBe(cell);
  });

  it('takes choices away from a list over several lines, and leaves the comments of others', () => {
    const cell = 'c: Categorical([\n    "a",  # first\n    "b",\n    "c",  # last\n]) = "a"';
    expect(after(cell, { c: { choices: ['a', 'c'] } })).toBe(
      'c: Categorical([\n    "a",  # first\n    "c",  # last\n]) = "a"'
    );
    expect(after(cell, { c: { choices: ['b'] } })).toBe(
      'c: Categorical([\n    # first\n    "b",\n    # last\n]) = "b"'
    );
  });

  it('puts choices back where they were, as they were written', () => {
    const texts = new Map<Cell, string>([[1024, '1_024']]);
    const cell = 'c: Categorical([128, 4096])';
    expect(after(cell, { c: { choices: [128, 1024, 4096] } }, texts)).toBe('c: Categorical([128, 1_024, 4096])');
    expect(after(cell, { c: { choices: [64, 128, 4096] } })).toBe('c: Categorical([64, 128, 4096])');
    expect(after("c: Categorical(['a'])", { c: { choices: ['a', 'b'] } })).toBe("c: Categorical(['a', 'b'])");
    expect(after("c: Categorical(['a'])", { c: { choices: ['x'] } })).toBe("c: Categorical(['x'])");
  });

  it('leaves a tuple of one choice a tuple', () => {
    expect(after("c: Categorical(('a', 'b'))", { c: { choices: ['b'] } })).toBe("c: Categorical(('b',))");
  });

  it('moves a default that is no choice any more to the first one', () => {
    expect(after('c: Categorical(["a", "b"]) = "b"', { c: { choices: ['a'] } })).toBe('c: Categorical(["a"]) = "a"');
  });
});
