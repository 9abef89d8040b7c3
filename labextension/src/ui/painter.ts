/**
 * When to draw: at most four times a second, less often where drawing takes long, and only what can be seen. A request
 * to draw something out of sight is kept until it scrolls into view. A draw that gives a promise has ended when that has
 * settled; until then no other begins. Each draw is a task of its own: what the user does comes between two charts.
 */
export interface Painter {
  /** Asks for a draw: in the next task if the last one is long enough ago, else as soon as it is. */
  readonly request: () => void;
  /** Draws now, whatever the clock says, for what the user has just changed. */
  readonly now: () => void;
  readonly dispose: () => void;
}

const INTERVAL_MS = 250;
/** After a draw the page rests this many times as long as it took: the user comes first. */
const REST = 6;

export function createPainter(target: Element, draw: () => Promise<void> | void): Painter {
  let visible = typeof IntersectionObserver === 'undefined';
  let wanted = false;
  let busy = false;
  let disposed = false;
  let nextDraw = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const ended = (began: number): void => {
    busy = false;
    nextDraw = began + Math.max(INTERVAL_MS, REST * (performance.now() - began));
    if (wanted) request();
  };
  const paint = (): void => {
    clearTimeout(timer);
    timer = undefined;
    wanted = false;
    busy = true;
    const began = performance.now();
    let drawing: Promise<void> | undefined;
    try {
      drawing = draw() ?? undefined;
    } finally {
      if (!drawing) ended(began);
    }
    void drawing?.finally(() => {
      ended(began);
    });
  };
  const request = (): void => {
    wanted = true;
    if (disposed || !visible || busy || timer !== undefined) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        if (visible) paint();
      },
      Math.max(0, nextDraw - performance.now())
    );
  };

  const observer = visible
    ? null
    : new IntersectionObserver(entries => {
        visible = entries.at(-1)?.isIntersecting ?? false;
        if (visible && wanted) request();
      });
  observer?.observe(target);

  return {
    request,
    now: paint,
    dispose() {
      disposed = true;
      clearTimeout(timer);
      observer?.disconnect();
    }
  };
}
