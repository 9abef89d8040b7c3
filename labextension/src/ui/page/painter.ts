/**
 * Draws one part of the page in its turns, and only while it can be seen: a request to draw something out of sight is
 * kept until it scrolls into view, where it is drawn at once.
 */
import { turns as ofThisPage, type Order, type Turns } from './turns';

export interface Painter {
  /** Asks for a draw, for what has come from the kernel; it can be next in the turns. */
  readonly request: (next?: boolean) => void;
  /** Asks for a draw at once, for what the user has just changed. */
  readonly urge: () => void;
  /** Draws before this returns, seen or not. */
  readonly now: () => void;
  readonly dispose: () => void;
}

/** A draw that gives a promise has ended when that has settled. */
export function createPainter(
  target: Element,
  draw: () => Promise<void> | void,
  order: Order = {},
  turns: Turns = ofThisPage
): Painter {
  let visible = typeof IntersectionObserver === 'undefined';
  let kept = false;
  const turn = turns.join(draw, order);

  const observer = visible
    ? null
    : new IntersectionObserver(entries => {
        visible = entries.at(-1)?.isIntersecting ?? false;
        if (!visible) kept = turn.withdraw() || kept;
        else if (kept) {
          kept = false;
          turn.urge();
        }
      });
  observer?.observe(target);

  return {
    request(next) {
      if (visible) turn.request(next);
      else kept = true;
    },
    urge() {
      if (visible) turn.urge();
      else kept = true;
    },
    now() {
      kept = false;
      turn.now();
    },
    dispose() {
      turn.leave();
      observer?.disconnect();
    }
  };
}
