/** The table of events as a list: what users did to the study, newest first. */
import type { Rows } from './tables';

export interface Change {
  readonly seq: number;
  readonly at_s: number | null;
  readonly text: string;
  readonly kind: string;
  readonly undoable: boolean;
}

export function changes(events: Rows, limit = Infinity): Change[] {
  const { seq = [], at_s = [], text = [], kind = [], undoable = [] } = events;
  const list: Change[] = [];
  for (let row = seq.length - 1; row >= 0 && list.length < limit; row--) {
    const at = at_s[row];
    list.push({
      seq: Number(seq[row]),
      at_s: typeof at === 'number' ? at : null,
      text: String(text[row] ?? ''),
      kind: String(kind[row] ?? ''),
      undoable: undoable[row] === true || undoable[row] === 1
    });
  }
  return list;
}

export function lastUndoable(events: Rows): Change | undefined {
  return changes(events).find(({ undoable }) => undoable);
}
