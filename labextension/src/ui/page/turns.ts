/**
 * Whose turn it is to draw: one clock for all that draws on a page.
 *
 * Laws: one draws at a time, each draw in a task of its own. After a draw the page rests REST times as long as the draw
 * cost, together with the frame that shows it, so all drawing takes at most 1 / (1 + REST) of the page's time, however
 * many ask; but no longer than REST_MS: where a draw takes half a second and more, because others take the processor,
 * parts that show the same study would drift apart by many seconds. The part that has waited longest is next, so none starves; a part draws at most every
 * INTERVAL_MS, unless it has an interval of its own. One that asks to be next is drawn before the others, but not twice in
 * a row. What the user has just asked for waits only for the draw that is under way; its cost is rested for too.
 * A part that goes ahead, as the header and the layer over the curves do, does not wait for the rest after others, nor
 * they for the rest after it: it has a share of its own, as large.
 */
export interface Clock {
  /** Milliseconds. */
  readonly now: () => number;
  /** Calls back in a task of its own after this many milliseconds; returns a function that cancels it. */
  readonly after: (ms: number, callback: () => void) => () => void;
  /** Calls back after the next frame with the milliseconds that it took; returns a function that cancels it. */
  readonly afterFrame: (callback: (took: number) => void) => () => void;
}

/** The turns of one part of the page. */
export interface Turn {
  /** Asks for a draw: however often before it comes, it is one. It can ask to be next. */
  readonly request: (next?: boolean) => void;
  /** Asks for a draw before all others, without a rest: the user waits for it. */
  readonly urge: () => void;
  /** Draws before this returns, unless a draw of this part has yet to settle: then as `urge`. */
  readonly now: () => void;
  /** Takes back what was asked for; true if something was. */
  readonly withdraw: () => boolean;
  /** Withdraws for good. */
  readonly leave: () => void;
}

export interface Order {
  /** Whether it is drawn before the others that wait, and without their rest. */
  readonly ahead?: boolean;
  /** Milliseconds from one draw to the next, at least. */
  readonly interval?: number;
}

export interface Turns {
  readonly join: (draw: () => Promise<void> | void, order?: Order) => Turn;
}

export const INTERVAL_MS = 250;
export const REST = 6;
export const REST_MS = 2000;

interface Member extends Required<Order> {
  readonly draw: () => Promise<void> | void;
  /** Where it stands in the row of those that wait. */
  asked: number | null;
  urged: boolean;
  next: boolean;
  drawing: boolean;
  /** No draw before this. */
  due: number;
}

export function createTurns(clock: Clock): Turns {
  const members = new Set<Member>();
  let asks = 0;
  /** What was drawn last, of those that do not go ahead. */
  let last: Member | null = null;
  /** Draws that have begun and whose frame has not been painted; and what cancels the wait for these frames. */
  let underWay = 0;
  const frames = new Set<() => void>();
  let rested = -Infinity;
  let cancel = (): void => undefined;

  const opens = ({ urged, ahead, due }: Member): number => {
    if (urged) return -Infinity;
    return ahead ? due : Math.max(rested, due);
  };
  const schedule = (): void => {
    cancel();
    if (underWay > 0) return;
    const waiting = [...members].filter(({ asked }) => asked !== null);
    if (waiting.length === 0) return;
    cancel = clock.after(Math.max(0, Math.min(...waiting.map(opens)) - clock.now()), () => {
      const now = clock.now();
      const next = waiting.filter(member => opens(member) <= now).reduce(earlier, null);
      if (next) paint(next);
      else schedule();
    });
  };
  const paint = (member: Member): void => {
    cancel();
    const began = clock.now();
    member.asked = null;
    member.urged = member.next = false;
    member.drawing = true;
    member.due = began + member.interval;
    if (!member.ahead) last = member;
    underWay += 1;
    const settled = (): void => {
      member.drawing = false;
      const drew = clock.now() - began;
      const cancelFrame = clock.afterFrame(took => {
        frames.delete(cancelFrame);
        underWay -= 1;
        const rest = clock.now() + Math.min(REST_MS, REST * (drew + took));
        if (member.ahead) member.due = Math.max(member.due, rest);
        else rested = Math.max(rested, rest);
        schedule();
      });
      frames.add(cancelFrame);
    };
    let drawing: Promise<void> | undefined;
    try {
      drawing = member.draw() ?? undefined;
    } finally {
      if (!drawing) settled();
    }
    void drawing?.finally(settled);
  };

  /** A page on which nothing is left to draw has nothing to rest from. */
  const forget = (): void => {
    for (const cancelFrame of frames) cancelFrame();
    underWay -= frames.size;
    frames.clear();
    rested = -Infinity;
  };

  return {
    join(draw, { ahead = false, interval = INTERVAL_MS } = {}) {
      const waits = { asked: null, urged: false, next: false };
      const member: Member = { draw, ahead, interval, ...waits, drawing: false, due: -Infinity };
      members.add(member);
      const ask = (urged: boolean, next = false): void => {
        if (!members.has(member)) return;
        member.asked ??= ++asks;
        member.urged ||= urged;
        member.next ||= next && member !== last;
        schedule();
      };
      const withdraw = (): boolean => {
        const had = member.asked !== null;
        member.asked = null;
        member.urged = member.next = false;
        schedule();
        return had;
      };
      return {
        request(next) {
          ask(false, next);
        },
        urge() {
          ask(true);
        },
        now() {
          if (member.drawing) ask(true);
          else paint(member);
        },
        withdraw,
        leave() {
          members.delete(member);
          withdraw();
          if (members.size === 0) forget();
        }
      };
    }
  };
}

/** Of two that wait the one that goes first: urged, then ahead, then next, then the one that has asked earlier. */
function earlier(first: Member | null, second: Member): Member {
  if (!first) return second;
  if (first.urged !== second.urged) return first.urged ? first : second;
  if (first.ahead !== second.ahead) return first.ahead ? first : second;
  if (first.next !== second.next) return first.next ? first : second;
  return (first.asked ?? Infinity) <= (second.asked ?? Infinity) ? first : second;
}

/** A page that is not seen has no frames. */
const FRAME_OVERDUE_MS = 500;

const browser: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => {
      clearTimeout(timer);
    };
  },
  afterFrame(callback) {
    let timer = setTimeout(() => {
      cancelAnimationFrame(frame);
      callback(0);
    }, FRAME_OVERDUE_MS);
    const frame = requestAnimationFrame(() => {
      clearTimeout(timer);
      const began = performance.now();
      // the browser lays out and paints before the next task
      timer = setTimeout(() => {
        callback(performance.now() - began);
      });
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }
};

/** Those of this page, shared by its dashboards. */
export const turns = createTurns(browser);
