import { describe, expect, it } from 'vitest';
import { declarations, type Declaration } from '../../src/cell/declarations';
import type { Cell } from '../../src/wire/protocol';
import fixtures from '../fixtures/cells.json';

interface Expected {
  readonly name: string;
  readonly kind: string;
  readonly call: string;
  readonly literal?: boolean;
}
interface FixtureCell {
  readonly text: string;
  readonly declarations?: readonly Expected[];
  readonly refused?: string;
}

const MAGIC = '%%tune --trials 9\n';
const cells: readonly FixtureCell[] = fixtures.cells;
const KINDS: Readonly<Record<string, string>> = { float: 'Float', int: 'Int', categorical: 'Categorical' };

/** What the fixtures hold of a declaration. */
function told(text: string, { name, kind, call, parameter }: Declaration): Record<string, unknown> {
  const written = text.slice(call.from, call.to);
  if (!parameter) return { name, kind, call: written, literal: false };
  const { kind: own, ...fields } = parameter;
  expect(KINDS[own]).toBe(kind);
  return { kind, call: written, ...fields };
}

const read = (body: string): Declaration[] => declarations(MAGIC + body);
const first = (body: string): Declaration => {
  const [found] = read(body);
  if (!found) throw new Error(`no declaration in ${body}`);
  return found;
};

describe('declarations', () => {
  for (const { text, declarations: expected, refused } of cells) {
    if (expected) {
      it(`reads as the kernel does: ${text}`, () => {
        const whole = MAGIC + text;
        expect(declarations(whole).map(found => told(whole, found))).toEqual(expected);
      });
    } else {
      it(`offers nothing where the kernel refuses: ${refused ?? ''}`, () => {
        expect(declarations(MAGIC + text).filter(({ parameter }) => parameter !== null)).toEqual([]);
      });
    }
  }

  it('reads nothing in a cell that does not begin with the magic', () => {
    expect(declarations('lr: Float(0, 1) = 0.5')).toEqual([]);
    expect(declarations('%%tuned\nlr: Float(0, 1) = 0.5')).toEqual([]);
  });

  it('gives the place of each argument, of the default, and of where one can be added', () => {
    const text = `${MAGIC}x: Annotated[float, jt.Float(-1, (+2.5), default=0)] = 1_0.5  # note`;
    const [{ arguments: given, value, annotationEnd, argumentsEnd, nameAt } = first('')] = declarations(text);
    const at = ({ from, to }: { from: number; to: number }): string => text.slice(from, to);
    const places = Object.entries(given).map(([name, argument]): [string, string, Cell | undefined] => [
      name,
      at(argument),
      argument.value
    ]);
    expect(places).toEqual([
      ['low', '-1', -1],
      ['high', '+2.5', 2.5],
      ['default', '0', 0]
    ]);
    expect(at(nameAt)).toBe('x');
    expect(value && [at(value), value.value]).toEqual(['1_0.5', 10.5]);
    expect(text.slice(annotationEnd ?? 0)).toBe(' = 1_0.5  # note');
    expect(text.slice(argumentsEnd)).toBe(')] = 1_0.5  # note');
  });

  it('gives the place of each choice', () => {
    const text = `${MAGIC}c: Categorical(["a", 'b', f(x)])`;
    const [{ choices } = first('')] = declarations(text);
    expect(choices?.items?.map(item => [item.text, item.value])).toEqual([
      ['"a"', 'a'],
      ["'b'", 'b'],
      ['f(x)', undefined]
    ]);
    expect(text.slice(choices?.from, choices?.to)).toBe(`["a", 'b', f(x)]`);
  });

  it('takes the call in a statement that is still being typed', () => {
    const { isClosed, call, parameter } = first('lr: Float(1e-4, ');
    expect([isClosed, parameter]).toEqual([false, null]);
    expect((MAGIC + 'lr: Float(1e-4, ').slice(call.from, call.to)).toBe('Float(1e-4, ');
    expect(first('lr: Float(1e-4, 1e-1) = ').parameter).toMatchObject({ low: 1e-4, high: 0.1 });
    expect(first('lr: Float(, 1)').parameter).toBeNull();
    expect(first('lr: Float(1e-4, 1e-)').parameter).toBeNull();
    expect(read('lr: "Float(0, 1)')).toEqual([]);
  });

  it('finds the declarations below a bracket or a string that is left open', () => {
    const names = (body: string): string[] => read(body).map(({ name }) => name);
    expect(names('lr: Float(1e-4,\nwidth: Int(1, 9) = 3\nact: Categorical(["a"])')).toEqual(['lr', 'width', 'act']);
    expect(names('lr = f(3\n  width: jt.Int(1, 9) = 3')).toEqual(['width']);
    expect(names('act: Categorical(["re\nwidth: Int(1, 9)')).toEqual(['act', 'width']);
    expect(names('x = [(3]\nwidth: Int(1, 9)')).toEqual(['width']);
  });

  it('never fails, and never leaves the text, whatever part of a cell there is', () => {
    const whole = cells.map(({ text }) => text).join('\n');
    for (let end = 0; end < whole.length; end += 41) {
      for (const text of [MAGIC + whole.slice(0, end), MAGIC + whole.slice(end, end + 60)]) {
        for (const { call, nameAt, value } of declarations(text)) {
          for (const { from, to } of [call, nameAt, ...(value ? [value] : [])]) {
            expect(from).toBeGreaterThanOrEqual(MAGIC.length - 1);
            expect(to).toBeLessThanOrEqual(text.length);
            expect(from).toBeLessThan(to);
          }
        }
      }
    }
  });
});
