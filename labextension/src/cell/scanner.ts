/**
 * Finds what %%tune gives meaning to in a cell's text: the magic, its options, and each declared range.
 *
 * Works on text alone and on unfinished text too (the user is typing). A declaration stands at the start of a statement,
 * outside brackets and strings: `name: Float(…) = default`, `name = Int(…)`, `name: Annotated[float, Float(…)]`, with or
 * without a module before the word. A cell that does not begin with %%tune has no marks.
 */

export interface Mark {
  readonly kind: 'magic' | 'option' | 'name' | 'range';
  readonly from: number;
  readonly to: number;
}

const DECLARATION =
  /^([A-Za-z_]\w*)[ \t]*(?::|=(?!=))[ \t]*(?:(?:\w+\.)*Annotated\[[ \t]*[\w.]+[ \t]*,[ \t]*)?((?:\w+\.)*(?:Float|Int|Categorical)[ \t]*\()/;

export function scan(text: string): Mark[] {
  const magic = /^%%tune\b[^\n]*/.exec(text);
  if (!magic) return [];
  const line = magic[0];
  const marks: Mark[] = [{ kind: 'magic', from: 0, to: '%%tune'.length }];
  for (const option of line.matchAll(/(?<=\s)(?:--[a-z][a-z-]*|-[a-zA-Z])(?=[\s=]|$)/g)) {
    marks.push({ kind: 'option', from: option.index, to: option.index + option[0].length });
  }
  for (const start of statementStarts(text, line.length)) {
    const found = DECLARATION.exec(text.slice(start, endOfLine(text, start)));
    if (!found?.[1] || !found[2]) continue;
    const from = start + found[0].length - found[2].length;
    const to = closing(text, start + found[0].length);
    marks.push({ kind: 'name', from: start, to: start + found[1].length }, { kind: 'range', from, to });
  }
  return marks;
}

/** Offsets at which a statement begins: first word of a line outside brackets, or after a semicolon. */
function statementStarts(text: string, from: number): number[] {
  const starts: number[] = [];
  let depth = 0;
  let fresh = true;
  for (let i = from; i < text.length;) {
    const char = text.charAt(i);
    if (char === '#') {
      i = endOfLine(text, i);
      fresh ||= depth === 0; // a backslash at its end continues nothing
    } else if (char === '"' || char === "'") {
      fresh = false;
      i = afterString(text, i);
    } else if (char === '\n' || char === ';') {
      fresh ||= depth === 0 && text[i - 1] !== '\\';
      i++;
    } else {
      if (fresh && /[A-Za-z_]/.test(char)) starts.push(i);
      if (!/\s/.test(char)) fresh = false;
      if ('([{'.includes(char)) depth++;
      if (')]}'.includes(char)) depth = Math.max(0, depth - 1);
      i++;
    }
  }
  return starts;
}

/** The offset after the bracket that closes the one just before `from`; the end of the line if none does. */
function closing(text: string, from: number): number {
  let depth = 1;
  for (let i = from; i < text.length;) {
    const char = text.charAt(i);
    if (char === '#') {
      i = endOfLine(text, i);
      continue;
    }
    if (char === '"' || char === "'") {
      i = afterString(text, i);
      continue;
    }
    if ('([{'.includes(char)) depth++;
    if (')]}'.includes(char) && --depth === 0) return i + 1;
    i++;
  }
  return endOfLine(text, from);
}

/** The offset after the string literal that opens at `start`; an open one-line string ends with its line. */
function afterString(text: string, start: number): number {
  const quote = text.charAt(start);
  const triple = text.startsWith(quote.repeat(3), start);
  const mark = triple ? quote.repeat(3) : quote;
  for (let i = start + mark.length; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text.startsWith(mark, i)) return i + mark.length;
    else if (!triple && text[i] === '\n') return i;
  }
  return text.length;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}
