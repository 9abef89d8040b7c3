import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPainter } from '../../src/ui/painter';

let show: (isIntersecting: boolean) => void = () => undefined;
const disconnect = vi.fn();

class FakeObserver {
  constructor(callback: (entries: { isIntersecting: boolean }[]) => void) {
    show = isIntersecting => {
      callback([{ isIntersecting }]);
    };
  }
  observe = vi.fn();
  disconnect = disconnect;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('IntersectionObserver', FakeObserver);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('createPainter', () => {
  it('draws nothing out of sight, and what was wished when it comes into view', () => {
    const draw = vi.fn();
    const painter = createPainter(document.body, draw);
    painter.request();
    vi.advanceTimersByTime(1000);
    expect(draw).not.toHaveBeenCalled();
    show(true);
    vi.advanceTimersByTime(0);
    expect(draw).toHaveBeenCalledTimes(1);
    show(false);
    show(true);
    vi.advanceTimersByTime(1000);
    expect(draw).toHaveBeenCalledTimes(1);
  });

  it('draws at most four times a second and never forgets the last wish', () => {
    const draw = vi.fn();
    const painter = createPainter(document.body, draw);
    show(true);
    for (let i = 0; i < 100; i++) {
      painter.request();
      vi.advanceTimersByTime(10);
    }
    expect(draw.mock.calls.length).toBeLessThanOrEqual(5);
    const before = draw.mock.calls.length;
    painter.request();
    vi.advanceTimersByTime(250);
    expect(draw.mock.calls.length).toBe(before + 1);
  });

  it('keeps a wish that was put off when the target scrolled away meanwhile', () => {
    const draw = vi.fn();
    const painter = createPainter(document.body, draw);
    show(true);
    painter.request();
    vi.advanceTimersByTime(0);
    painter.request();
    show(false);
    vi.advanceTimersByTime(1000);
    expect(draw).toHaveBeenCalledTimes(1);
    show(true);
    vi.advanceTimersByTime(0);
    expect(draw).toHaveBeenCalledTimes(2);
  });

  it('stops watching and drawing when disposed', () => {
    const draw = vi.fn();
    const painter = createPainter(document.body, draw);
    show(true);
    painter.request();
    vi.advanceTimersByTime(0);
    painter.request();
    painter.dispose();
    vi.advanceTimersByTime(1000);
    expect(draw).toHaveBeenCalledTimes(1);
    expect(disconnect).toHaveBeenCalled();
  });

  it('waits for a draw that takes its time, then draws the newest once, however often it was asked', async () => {
    const ends: (() => void)[] = [];
    const draw = vi.fn(() => new Promise<void>(resolve => ends.push(resolve)));
    const painter = createPainter(document.body, draw);
    show(true);
    painter.request();
    vi.advanceTimersByTime(0);
    for (let i = 0; i < 20; i++) {
      painter.request();
      vi.advanceTimersByTime(100);
    }
    expect(draw).toHaveBeenCalledTimes(1);
    ends[0]?.();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(draw).toHaveBeenCalledTimes(2);
  });

  it('goes on after a draw that threw', () => {
    const draw = vi.fn(() => {
      throw new Error('no such axis');
    });
    const painter = createPainter(document.body, draw);
    show(true);
    painter.request();
    expect(() => vi.advanceTimersByTime(0)).toThrow('no such axis');
    painter.request();
    expect(() => vi.advanceTimersByTime(1000)).toThrow('no such axis');
    expect(draw).toHaveBeenCalledTimes(2);
  });
});
