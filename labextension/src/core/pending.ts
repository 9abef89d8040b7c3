/**
 * A wish between being sent and being answered. The view shows the wish, marked as pending, until the truth changes or
 * the answer is overdue; then it shows the truth again, whatever it is.
 */

const ANSWER_OVERDUE_MS = 5000;

export interface Pending<T> {
  /** What to show, and whether it is only a wish yet. */
  readonly shown: (truth: T) => { readonly value: T; readonly pending: boolean };
  readonly ask: (wish: T, truth: T) => void;
  readonly dispose: () => void;
}

export function createPending<T>(same: (a: T, b: T) => boolean, onOverdue: () => void): Pending<T> {
  let open: { readonly wish: T; readonly before: T } | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    shown(truth) {
      if (open && !same(truth, open.before)) open = null;
      const value = open ? open.wish : truth;
      return { value, pending: open !== null && !same(value, truth) };
    },
    ask(wish, truth) {
      open = { wish, before: truth };
      clearTimeout(timer);
      timer = setTimeout(() => {
        open = null;
        onOverdue();
      }, ANSWER_OVERDUE_MS);
    },
    dispose() {
      clearTimeout(timer);
    }
  };
}
