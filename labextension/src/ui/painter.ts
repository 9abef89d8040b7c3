/**
 * When to draw: at most four times a second, less often where drawing takes long, and only what can be seen. A wish to
 * draw something out of sight is kept and granted when it scrolls into view.
 */

export interface Painter {
  /** Wishes for a draw: now if the last one is long enough ago, else as soon as it is. */
  readonly request: () => void;
  /** Draws now, whatever the clock says, for what the user's own hand has just changed. */
  readonly now: () => void;
  readonly dispose: () => void;
}

const INTERVAL_MS = 250;
/** A drawing rests for so many times as long as it took: the page belongs to the user first. */
const REST = 4;

export function createPainter(target: Element, draw: () => void): Painter {
  let visible = typeof IntersectionObserver === 'undefined';
  let wanted = false;
  let nextDraw = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const paint = (): void => {
    clearTimeout(timer);
    timer = undefined;
    wanted = false;
    const began = performance.now();
    draw();
    nextDraw = began + Math.max(INTERVAL_MS, REST * (performance.now() - began));
  };
  const request = (): void => {
    wanted = true;
    if (!visible || timer !== undefined) return;
    const wait = nextDraw - performance.now();
    if (wait <= 0) paint();
    else {
      timer = setTimeout(() => {
        timer = undefined;
        if (visible) paint();
      }, wait);
    }
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
      clearTimeout(timer);
      observer?.disconnect();
    }
  };
}
