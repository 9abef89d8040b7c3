/**
 * Draws one part of the page in its turns, and only while it can be seen: a request to draw something out of sight is
 * kept until it scrolls into view, where it is drawn at once.
 */
import { turns as ofThisPage, type Turns } from './turns';

export interface Painter {
  /** Asks for a draw, for what has come from the kernel. */
  readonly request: () => void;
  /** Asks for a draw at once, for what the user has just changed. */
  readonly urge: () => void;
  /** Draws before this returns, seen or not. */
  readonly now: () => void;
  readonly dispose: () => void;
}

interface Order {
  /** Whether it is drawn before the others that wait, and without their rest. */
  readonly ahead?: boolean;
  readonly turns?: Turns;
}

/** A draw that gives a promise has ended when that has settled. */
export function createPainter(
  target: Element,
  draw: () => Promise<void> | void,
  { ahead = false, turns = ofThisPage }: Order = {}
): Painter {
  let visible = typeof IntersectionObserver === 'undefined';
  let kept = false;
  const turn = turns.join(draw, ahead);

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

  const whenSeen = (ask: () => void): (() => void) => {
    return () => {
      if (visible) ask();
      else kept = true;
    };
  };
  return {
    request: whenSeen(turn.request),
    urge: whenSeen(turn.urge),
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
