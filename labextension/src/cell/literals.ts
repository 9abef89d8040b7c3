/** Literals of Python: the value of one that stands in a cell, and the text of one that is written there. */
import type { Cell } from '../wire/protocol';
import { bare, type Token } from './python';

const CONSTANTS: Readonly<Record<string, boolean | null>> = { True: true, False: false, None: null };

const ESCAPES: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v'
};

/** The value that these tokens write: a number, a string, True, False or None. Undefined for any other expression. */
export function literal(tokens: readonly Token[]): Cell | undefined {
  const inner = bare(tokens);
  const [first] = inner;
  if (!first) return undefined;
  if (inner.length === 1 && first.kind === 'name') return CONSTANTS[first.text];
  if (first.kind === 'string') return joined(inner);
  return signed(inner);
}

function signed(tokens: readonly Token[]): number | undefined {
  const last = tokens.at(-1);
  if (last?.kind !== 'number') return undefined;
  let value = numberOf(last.text);
  for (const { text } of tokens.slice(0, -1)) {
    if (text === '-' && value !== undefined) value = -value;
    else if (text !== '+') return undefined;
  }
  return value;
}

/** The value of a number's text; undefined for a complex one, and for a whole one that a float does not hold exactly. */
export function numberOf(text: string): number | undefined {
  const value = Number(text.replaceAll('_', ''));
  if (!Number.isFinite(value)) return undefined;
  return isWhole(text) && !Number.isSafeInteger(value) ? undefined : value;
}

/** Whether Python reads this text as an int. */
export function isWhole(text: string): boolean {
  return /^[-+\s]*(?:0[xXoObB]|[\d_]+$)/.test(text);
}

/** Strings that stand side by side are one. */
function joined(tokens: readonly Token[]): string | undefined {
  let value = '';
  for (const { kind, text } of tokens) {
    const part = kind === 'string' ? unquoted(text) : undefined;
    if (part === undefined) return undefined;
    value += part;
  }
  return value;
}

function unquoted(text: string): string | undefined {
  const [, prefix = '', quotes = '', inside = ''] = /^([a-zA-Z]*)("""|'''|"|')([^]*)\2$/.exec(text) ?? [];
  if (quotes === '' || /[bft]/i.test(prefix)) return undefined;
  if (/r/i.test(prefix)) return inside;
  // a name of a character, which only Python knows
  if (/(?<!\\)(?:\\\\)*\\N/.test(inside)) return undefined;
  return inside.replace(
    /\\(?:(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8})|([0-7]{1,3})|([^]))/g,
    (whole: string, hex?: string, octal?: string, letter?: string) => {
      if (hex) return codePoint(parseInt(hex.slice(1), 16));
      if (octal) return String.fromCharCode(parseInt(octal, 8));
      return ESCAPES[letter ?? ''] ?? whole;
    }
  );
}

function codePoint(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '';
}

/**
 * A value as Python writes it, in the style of the literal `like` where that is one of the same kind: its quotes, its
 * exponent, its underscores.
 */
export function written(value: Cell, like = ''): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'number' ? writtenNumber(value, like) : writtenString(value, like);
}

function writtenString(value: string, like: string): string {
  const style = /^[a-zA-Z]*(["'])/.exec(like)?.[1] ?? '"';
  const other = style === '"' ? "'" : '"';
  const quote = value.includes(style) && !value.includes(other) ? other : style;
  const inside = Array.from(value, char => {
    if (char === quote || char === '\\') return `\\${char}`;
    const code = char.codePointAt(0) ?? 0;
    if (char === '\n') return '\\n';
    if (char === '\t') return '\\t';
    if (char === '\r') return '\\r';
    return code < 0x20 || code === 0x7f ? `\\x${code.toString(16).padStart(2, '0')}` : char;
  });
  return quote + inside.join('') + quote;
}

/** Numbers beyond these are written with an exponent, whatever stood there; as Python does it. */
const [SMALLEST_PLAIN, LARGEST_PLAIN] = [1e-4, 1e16];

/**
 * A number in the style of the text `like`: with an exponent if that has one (its e or E, its sign and zeros), whole if
 * that is whole and the value too, in hexadecimal, with underscores, without the zero before the point.
 */
export function writtenNumber(value: number, like = ''): string {
  const style = like.replace(/^[-+\s]+/, '');
  const sign = value < 0 ? '-' : '';
  const size = Math.abs(value);
  const base = /^0([xXoObB])/.exec(style)?.[1];
  if (base && Number.isInteger(size)) return sign + inBase(size, base, style);
  const exponent = /([eE])(\+?)-?(\d+)$/.exec(style);
  const isPlain = size === 0 || (size >= SMALLEST_PLAIN && size < LARGEST_PLAIN);
  // 2.5e0 is unusual: a number from 1 to 10 has no exponent
  const isNearOne = size >= 1 && size < 10;
  if (!isPlain || (exponent && size !== 0 && !isNearOne)) return sign + withExponent(size, style, exponent);
  const [whole = '', fraction = ''] = String(size).split('.');
  const grouped = style.includes('_') ? whole.replace(/\B(?=(\d{3})+$)/g, '_') : whole;
  const head = style.startsWith('.') && whole === '0' && fraction ? '' : grouped;
  if (fraction) return `${sign}${head}.${fraction}`;
  // a float stays one: 1.0 becomes 2.0, and 1e-4 becomes 2.0
  const isFloat = exponent !== null || style.includes('.');
  return sign + grouped + (isFloat ? '.0' : '');
}

function inBase(size: number, base: string, style: string): string {
  const radix = { x: 16, o: 8, b: 2 }[base.toLowerCase()] ?? 16;
  const digits = size.toString(radix);
  return `0${base}${/[A-F]/.test(style.slice(2)) ? digits.toUpperCase() : digits}`;
}

function withExponent(size: number, style: string, like: RegExpExecArray | null): string {
  const [digits = '', power = '0'] = size.toExponential().split('e');
  const mantissa = /\.\d/.test(style) && like && !digits.includes('.') ? `${digits}.0` : digits;
  const [, letter = 'e', plus = '', zeros = ''] = like ?? [];
  const places = zeros.startsWith('0') ? zeros.length : 1;
  const amount = power.replace(/^[-+]/, '').padStart(places, '0');
  return mantissa + letter + (power.startsWith('-') ? '-' : plus) + amount;
}
