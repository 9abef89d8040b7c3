import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Range } from '../../../src/wire/protocol';
import { createRangeSlider } from '../../../src/ui/steering/range_slider';
import { parameters } from '../../fixtures';
import { byId, press, release } from '../open_part';

const width = parameters[1] ?? { name: '', kind: 'int' as const };

function open(): {
  slider: ReturnType<typeof createRangeSlider>;
  commits: Range[];
  low: HTMLElement;
  high: HTMLElement;
} {
  const commits: Range[] = [];
  const slider = createRangeSlider(width, range => commits.push(range));
  document.body.append(slider.node);
  slider.show([10, 20], true);
  vi.spyOn(slider.node, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, 100, 20));
  slider.node.setPointerCapture = () => undefined;
  return { slider, commits, low: byId(slider.node, 'range-width-low'), high: byId(slider.node, 'range-width-high') };
}

function pointer(target: HTMLElement, type: string, clientX: number): void {
  target.dispatchEvent(new PointerEvent(type, { clientX, button: 0, pointerId: 1, bubbles: true, cancelable: true }));
}

beforeEach(() => {
  vi.useFakeTimers();
  document.body.replaceChildren();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('createRangeSlider', () => {
  it('says its values to those who listen', () => {
    const { low, high } = open();
    expect(low.getAttribute('role')).toBe('slider');
    expect(low.getAttribute('aria-label')).toBe('width, lower end of the range');
    expect(low.getAttribute('aria-valuetext')).toBe('10');
    expect(high.getAttribute('aria-valuenow')).toBe('20');
  });

  it('moves with the keys and commits once when they rest', () => {
    const { low, commits } = open();
    for (let i = 0; i < 3; i++) {
      press(low, 'ArrowRight');
      release(low, 'ArrowRight');
      vi.advanceTimersByTime(200);
    }
    expect(commits).toEqual([]);
    vi.advanceTimersByTime(500);
    expect(commits).toEqual([[13, 20]]);
  });

  it('commits at once when the focus leaves, and only once', () => {
    const { low, commits } = open();
    press(low, 'ArrowRight');
    release(low, 'ArrowRight');
    low.dispatchEvent(new FocusEvent('blur'));
    vi.advanceTimersByTime(1000);
    expect(commits).toEqual([[11, 20]]);
  });

  it('keeps the thumbs from crossing', () => {
    const { high, commits } = open();
    press(high, 'Home');
    press(high, 'End');
    press(high, 'Home');
    release(high, 'Home');
    vi.advanceTimersByTime(500);
    expect(commits).toEqual([[10, 10]]);
  });

  it('drags the nearer thumb, snapped, and commits once on release', () => {
    const { slider, commits, high } = open();
    pointer(slider.node, 'pointerdown', 90);
    pointer(slider.node, 'pointermove', 71);
    pointer(slider.node, 'pointermove', 52);
    expect(high.getAttribute('aria-valuenow')).toBe('15');
    expect(commits).toEqual([]);
    pointer(slider.node, 'pointerup', 52);
    expect(commits).toEqual([[10, 15]]);
  });

  it('does not jump under the hand when the kernel speaks', () => {
    const { slider, low } = open();
    pointer(slider.node, 'pointerdown', 20);
    slider.show([14, 16], true);
    expect(low.getAttribute('aria-valuenow')).toBe('12');
    pointer(slider.node, 'pointerup', 20);
    slider.show([14, 16], true);
    expect(low.getAttribute('aria-valuenow')).toBe('14');
  });

  it('goes back where it was when the drag is cancelled', () => {
    const { slider, commits, low } = open();
    pointer(slider.node, 'pointerdown', 40);
    pointer(slider.node, 'pointercancel', 40);
    expect(low.getAttribute('aria-valuenow')).toBe('10');
    expect(commits).toEqual([]);
  });

  it('shows what came meanwhile when it is let go where it was', () => {
    const { slider, low, commits } = open();
    pointer(slider.node, 'pointerdown', 0);
    slider.show([14, 16], false);
    pointer(slider.node, 'pointerup', 0);
    expect(low.getAttribute('aria-valuenow')).toBe('14');
    expect(low.tabIndex).toBe(-1);
    expect(commits).toEqual([]);
  });

  it('takes a click right after a key', () => {
    const { slider, low, commits } = open();
    press(low, 'ArrowRight');
    release(low, 'ArrowRight');
    pointer(slider.node, 'pointerdown', 90);
    pointer(slider.node, 'pointerup', 90);
    expect(commits).toEqual([
      [11, 20],
      [11, 19]
    ]);
  });

  it('sends nothing more once disposed', () => {
    const { slider, low, commits } = open();
    press(low, 'ArrowRight');
    release(low, 'ArrowRight');
    slider.dispose?.();
    low.dispatchEvent(new FocusEvent('blur'));
    vi.advanceTimersByTime(1000);
    expect(commits).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not move when it is disabled', () => {
    const { slider, low, commits } = open();
    slider.show([10, 20], false);
    press(low, 'ArrowRight');
    release(low, 'ArrowRight');
    pointer(slider.node, 'pointerdown', 40);
    expect(low.tabIndex).toBe(-1);
    expect(low.getAttribute('aria-valuenow')).toBe('10');
    expect(commits).toEqual([]);
  });
});
