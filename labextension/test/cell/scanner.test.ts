import { describe, expect, it } from 'vitest';
import { scan } from '../../src/cell/scanner';

const marked = (text: string): string[] => scan(text).map(({ kind, from, to }) => `${kind}|${text.slice(from, to)}`);
const body = (code: string): string[] => marked(`%%tune\n${code}`).slice(1);

describe('scan', () => {
  it('finds the magic, its options, and each declaration of a whole cell', () => {
    const cell = `%%tune --maximize accuracy -n 60
lr:    Float(1e-4, 1e-1, log=True) = 1e-2
act: Categorical(["relu", "tanh"]) = "relu"
model = make(width)`;
    expect(marked(cell)).toEqual([
      'magic|%%tune',
      'option|--maximize',
      'option|-n',
      'name|lr',
      'range|Float(1e-4, 1e-1, log=True)',
      'name|act',
      'range|Categorical(["relu", "tanh"])'
    ]);
  });

  it('marks nothing in a cell that does not begin with the magic', () => {
    expect(scan('lr: Float(0, 1) = 0.5')).toEqual([]);
    expect(scan('# first\n%%tune\nlr: Float(0, 1)')).toEqual([]);
    expect(scan('%%tuned\nlr: Float(0, 1)')).toEqual([]);
  });

  it('takes a negative number in the options for no option', () => {
    expect(marked('%%tune --target -1.5')).toEqual(['magic|%%tune', 'option|--target']);
  });

  it('takes assignments, modules and Annotated', () => {
    expect(body('n = Int(1, 9)')).toEqual(['name|n', 'range|Int(1, 9)']);
    expect(body('n: jt.Int(1, 9) = 3')).toEqual(['name|n', 'range|jt.Int(1, 9)']);
    expect(body('x: Annotated[float, Float(0, 1)] = 0.5')).toEqual(['name|x', 'range|Float(0, 1)']);
    expect(body('x: t.Annotated[float, jt.Float(0, 1)] = 0.5')).toEqual(['name|x', 'range|jt.Float(0, 1)']);
  });

  it('takes a declaration inside an if, and one after a semicolon', () => {
    expect(body('if act == "prelu":\n    slope: Float(0, 1) = 0.2')).toEqual(['name|slope', 'range|Float(0, 1)']);
    expect(body('a = 1; b: Int(0, 3) = 1')).toEqual(['name|b', 'range|Int(0, 3)']);
  });

  it('takes a declaration after a comment that ends in a backslash', () => {
    expect(body('path = 1  # in C:\\\nb: Int(0, 3) = 1')).toEqual(['name|b', 'range|Int(0, 3)']);
  });

  it('follows a range over several lines, past brackets in strings and comments', () => {
    const code = 'act: Categorical([\n  "a)",  # a ) here\n  \'b\',\n]) = "b"\nz: Int(0, 1) = 0';
    expect(body(code)).toEqual([
      'name|act',
      'range|Categorical([\n  "a)",  # a ) here\n  \'b\',\n])',
      'name|z',
      'range|Int(0, 1)'
    ]);
  });

  it('sees no declaration in strings, comments, calls or comparisons', () => {
    expect(body('"""\nlr: Float(0, 1)\n"""')).toEqual([]);
    expect(body('# lr: Float(0, 1)')).toEqual([]);
    expect(body('f(\nx = Float(0, 1)\n)')).toEqual([]);
    expect(body('x == Float(0, 1)')).toEqual([]);
    expect(body('y = \\\nx = Float(0, 1)')).toEqual([]);
    expect(body('x: Floaty(0, 1) = 1')).toEqual([]);
  });

  it('reads a text that is still being typed', () => {
    expect(body('lr: Float(1e-4, ')).toEqual(['name|lr', 'range|Float(1e-4, ']);
    expect(body('act: Categorical(["re\nlr = 3')).toEqual(['name|act', 'range|Categorical(["re']);
    expect(body('"""open')).toEqual([]);
  });

  it('gives marks in the order of the text, none overlapping', () => {
    const marks = scan('%%tune -n 3 --wait\na: Int(0, 1) = 0\nb = Float(0, 1)');
    for (let i = 1; i < marks.length; i++) expect(marks[i]?.from).toBeGreaterThanOrEqual(marks[i - 1]?.to ?? 0);
  });
});
