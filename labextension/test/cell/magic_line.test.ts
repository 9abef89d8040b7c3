import { describe, expect, it } from 'vitest';
import { magicLine, unknownMessage } from '../../src/cell/magic_line';
import lines from '../fixtures/magic_lines.json';

describe('the magic line', () => {
  it.each(lines)('is read as the kernel reads it: $line', ({ line, error }) => {
    const text = `%%tune ${line}\nlr: Float(0, 1)`;
    const unknown = magicLine(text)?.parts.filter(({ role }) => role === 'unknown') ?? [];
    const messages = unknown.map(word => unknownMessage(word.text));
    // of other errors there is no mark
    if (error.includes('no such option')) expect(messages[0]).toBe(error);
    else expect(messages).toEqual([]);
  });

  it('has the places of its words, quoted ones too', () => {
    const text = "%%tune --name 'my study' -n60 # --wait\nreport(a=1)";
    const parts = magicLine(text)?.parts ?? [];
    expect(parts.map(({ role, from, to }) => [role, text.slice(from, to)])).toEqual([
      ['option', '--name'],
      ['value', "'my study'"],
      ['option', '-n60']
    ]);
    expect(parts[1]?.text).toBe('my study');
  });

  it('goes on behind an unknown option, whose values are no options', () => {
    const parts = magicLine('%%tune --patence 3 --nme x --wait')?.parts ?? [];
    expect(parts.map(({ role }) => role)).toEqual(['unknown', 'stray', 'unknown', 'stray', 'option']);
  });

  it('takes an unclosed quote to the end of the line', () => {
    const parts = magicLine("%%tune --subject-to 'a < --b\nx = 1")?.parts ?? [];
    expect(parts.map(({ role, text }) => [role, text])).toEqual([
      ['option', '--subject-to'],
      ['value', 'a < --b']
    ]);
  });

  it('is none in another cell', () => {
    expect(magicLine('%%timeit --patence')).toBeNull();
    expect(magicLine('x = 1\n%%tune --patence')).toBeNull();
  });
});
