/**
 * When to draw: at most four times a second, and only what can be seen. A wish to draw something out of sight is kept
 * and granted when it scrolls into view.
 */

export interface Painter {
  /** Wishes for a draw: now if the last one is long enough ago, else as soon as it is. */
  readonly request: () => void;
  /** Draws now, whatever the clock says, for what the user's own hand has just changed. */
  readonly now: () => void;
  readonly dispose: () => void;
}

const INTERVAL_MS = 250;

export function createPainter(target: Element, draw: () => void): Painter {
  let visible = typeof IntersectionObserver === 'undefined';
  let wanted = false;
  let lastDraw = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const paint = (): void => {
    clearTimeout(timer);
    timer = undefined;
    wanted = false;
    lastDraw = performance.now();
    draw();
  };
  const request = (): void => {
    wanted = true;
    if (!visible || timer !== undefined) return;
    const wait = lastDraw + INTERVAL_MS - performance.now();
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
