/**
 * The text of a cell as tokens and statements of Python.
 *
 * It reads unfinished text too, for the user is typing: a string that is left open ends with its line, and a bracket that
 * is left open ends where a line declares the next parameter.
 */

export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Token extends Span {
  readonly kind: 'name' | 'number' | 'string' | 'operator';
  readonly text: string;
}

/** The tokens of one simple statement, without comments and line ends. */
export type Statement = readonly Token[];

const BLANK = /(?:[ \t\f\r]+|\\\r?\n|#[^\n]*)+/y;
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
const NUMBER =
  /0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?[jJ]?/y;
const STRING = /(?:[rRuUfFbBtT]|[rR][bBfFtT]|[bBfFtT][rR])?(?:"""|'''|"|')/y;
const OPERATOR = /:=|[-+*/%@&|^<>=!]=|\*\*|[^]/y;

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** A line that can only be a statement of its own, unless it lies in a dict. */
const DECLARING = /[ \t]*[\p{L}_][\p{L}\p{N}_]*[ \t]*:[ \t]*(?:[\w.]+\.)?(?:Float|Int|Categorical|Annotated)\b/uy;

const BRANCHES: ReadonlySet<string> = new Set(['if', 'elif', 'else']);

/** The simple statements of `text` from the offset `start` on; what stands behind the colon of an if is one too. */
export function statements(text: string, start: number): Statement[] {
  const found: Statement[] = [];
  const open: string[] = [];
  let tokens: Token[] = [];
  const end = (): void => {
    for (let rest: Token[] | null = tokens; rest && rest.length > 0; rest = behindBranch(rest)) found.push(rest);
    tokens = [];
  };
  for (let at = start; at < text.length;) {
    const char = text.charAt(at);
    if (char === '\n') {
      at++;
      if (open.length > 0 && open.at(-1) !== '{' && matches(DECLARING, text, at)) open.length = 0;
      if (open.length === 0) end();
      continue;
    }
    const blank = matches(BLANK, text, at);
    if (blank) {
      at += blank.length;
      continue;
    }
    const token = tokenAt(text, at);
    at = token.to;
    if (token.text === ';' && open.length === 0) {
      end();
      continue;
    }
    tokens.push(token);
    if (token.kind !== 'operator') continue;
    if (token.text in CLOSING) open.push(token.text);
    else if (open.length > 0 && CLOSING[open.at(-1) ?? ''] === token.text) open.pop();
  }
  end();
  return found;
}

function tokenAt(text: string, at: number): Token {
  const quote = matches(STRING, text, at);
  if (quote) return token('string', text, at, afterString(text, at + quote.length, quote));
  const name = matches(NAME, text, at);
  if (name) return token('name', text, at, at + name.length);
  const number = matches(NUMBER, text, at);
  if (number) return token('number', text, at, at + number.length);
  return token('operator', text, at, at + (matches(OPERATOR, text, at)?.length ?? 1));
}

function token(kind: Token['kind'], text: string, from: number, to: number): Token {
  return { kind, from, to, text: text.slice(from, to) };
}

/** The offset behind the string whose text begins at `start`, behind its prefix and quotes. */
function afterString(text: string, start: number, opening: string): number {
  const mark = /(["'])\1{0,2}$/.exec(opening)?.[0] ?? opening;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text.startsWith(mark, at)) return at + mark.length;
    else if (mark.length === 1 && text[at] === '\n') return at;
  }
  return text.length;
}

/** Of `if act == "a": width: Int(1, 9)` the statement behind the colon. */
function behindBranch(tokens: readonly Token[]): Token[] | null {
  if (!BRANCHES.has(tokens[0]?.text ?? '')) return null;
  const colon = indexOutside(tokens, token => token.text === ':');
  return colon < 0 ? null : tokens.slice(colon + 1);
}

/** The index of the first token outside brackets for which `is` holds; -1 if there is none. */
export function indexOutside(tokens: readonly Token[], is: (token: Token) => boolean, from = 0): number {
  let depth = 0;
  for (let index = from; index < tokens.length; index++) {
    const token = tokens[index];
    if (!token) break;
    if (depth === 0 && is(token)) return index;
    if (isOpening(token)) depth++;
    else if (isClosing(token)) depth--;
  }
  return -1;
}

/** The index of the bracket that closes the one at `opening`; -1 if it is left open. */
export function closingIndex(tokens: readonly Token[], opening: number): number {
  let depth = 0;
  for (let index = opening; index < tokens.length; index++) {
    const token = tokens[index];
    if (!token) break;
    if (isOpening(token)) depth++;
    else if (isClosing(token) && --depth === 0) return index;
  }
  return -1;
}

/** The tokens between commas; none for nothing behind the last comma. */
export function betweenCommas(tokens: readonly Token[]): (readonly Token[])[] {
  const parts: (readonly Token[])[] = [];
  for (let start = 0; start < tokens.length;) {
    const comma = indexOutside(tokens, ({ text }) => text === ',', start);
    const end = comma < 0 ? tokens.length : comma;
    parts.push(tokens.slice(start, end));
    start = end + 1;
  }
  return parts;
}

/** The tokens without brackets around them that change nothing: `(1)` is 1, but `(1,)` is a tuple. */
export function bare(tokens: readonly Token[]): readonly Token[] {
  let inner = tokens;
  while (inner[0]?.text === '(' && inner.length > 2 && closingIndex(inner, 0) === inner.length - 1) {
    const within = inner.slice(1, -1);
    if (indexOutside(within, ({ text }) => text === ',') >= 0) break;
    inner = within;
  }
  return inner;
}

function isOpening({ kind, text }: Token): boolean {
  return kind === 'operator' && (text === '(' || text === '[' || text === '{');
}

function isClosing({ kind, text }: Token): boolean {
  return kind === 'operator' && (text === ')' || text === ']' || text === '}');
}

/** What `pattern`, a sticky one, matches at that offset. */
function matches(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}
