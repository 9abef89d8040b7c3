/**
 * Requests between being sent and being answered. The view shows the last one, marked as pending, until the truth is what
 * it asked for, or something that was not asked for here, or the answer is overdue; then it shows the truth again,
 * whatever it is. The answer to an earlier request does not end a later one.
 */

const ANSWER_OVERDUE_MS = 5000;

export interface Pending<T> {
  /** What to show, and whether it is only a request yet. */
  readonly shown: (truth: T) => { readonly value: T; readonly pending: boolean };
  readonly ask: (request: T, truth: T) => void;
  readonly dispose: () => void;
}

export function createPending<T>(
  same: (a: T, b: T) => boolean,
  onOverdue: () => void,
  overdue_ms = ANSWER_OVERDUE_MS
): Pending<T> {
  /** The requests not answered yet, in the order they were sent, and the truth that they are to change. */
  let open: readonly T[] = [];
  let before: T;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    shown(truth) {
      if (open.length > 0 && !same(truth, before)) {
        const answered = open.findIndex(request => same(request, truth));
        open = answered < 0 ? [] : open.slice(answered + 1);
        before = truth;
      }
      const value = open.length > 0 ? (open.at(-1) as T) : truth;
      return { value, pending: !same(value, truth) };
    },
    ask(request, truth) {
      open = [...open, request];
      before = truth;
      clearTimeout(timer);
      timer = setTimeout(() => {
        open = [];
        onOverdue();
      }, overdue_ms);
    },
    dispose() {
      clearTimeout(timer);
    }
  };
}
