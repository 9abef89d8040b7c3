/**
 * Redo: an undone change is asked for once more, and recorded as a new change. What to ask for is what stood before the
 * undo, so it is kept when Undo is sent. Any other change in between takes the way forward away.
 */
import type { Change } from '../wire/changes';
import type { PageMessage, Status } from '../wire/protocol';

export interface Undone {
  readonly seq: number;
  readonly text: string;
  readonly again: PageMessage;
}

/** What brings back the effect of `change`, which stands now; null for what cannot be asked for again. */
export function undone({ seq, kind, text }: Change, { ranges, trials, workers, queue = [] }: Status): Undone | null {
  const again = ((): PageMessage | null => {
    switch (kind) {
      case 'narrow':
        return { type: 'narrow', ranges };
      case 'budget':
        return { type: 'budget', trials, workers };
      case 'pause':
      case 'resume':
        return { type: kind };
      case 'enqueue': {
        const queued = queue.find(entry => entry.seq === seq);
        return queued ? { type: 'enqueue', params: queued.params } : null;
      }
      default:
        return null;
    }
  })();
  return again && { seq, text, again };
}

export interface Redo {
  /** What Redo would do next, newest undo first. */
  readonly next: () => Undone | undefined;
  readonly push: (step: Undone) => void;
  /** Takes what comes next: it is being asked for. */
  readonly pop: () => Undone | undefined;
  /** The changes that are known now, newest first. */
  readonly see: (changes: readonly Change[]) => void;
}

export function createRedo(): Redo {
  let steps: readonly Undone[] = [];
  let newest = -1;
  let expected = 0;
  return {
    next: () => steps.at(-1),
    push(step) {
      steps = [...steps, step];
    },
    pop() {
      const step = steps.at(-1);
      steps = steps.slice(0, -1);
      if (step) expected++;
      return step;
    },
    see(changes) {
      for (const { seq, undoable } of changes) {
        if (seq <= newest) break;
        // an undo is a change that cannot be undone
        if (!undoable) continue;
        if (expected > 0) expected--;
        else steps = [];
      }
      newest = changes[0]?.seq ?? newest;
    }
  };
}
