import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Status } from '../../../src/wire/protocol';
import { createRanges } from '../../../src/ui/steering/ranges';
import { snapshot, status, type TestKernel } from '../../fixtures';
import { byId, openPart, press, release, text, type } from '../open_part';

function open(): { kernel: TestKernel; node: HTMLElement; answer: (fields: Partial<Status>) => void } {
  const { kernel, node } = openPart(createRanges);
  let seq = 1;
  const answer = (fields: Partial<Status>): void => {
    kernel.deliver({ type: 'snapshot', ...snapshot, seq: ++seq, status: { ...status, ...fields } });
  };
  return { kernel, node, answer };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('createRanges', () => {
  it('has a row for each parameter that varies, and shows its declared limits', () => {
    const { node } = open();
    expect(text(node, 'range-lr')).toContain('1e-4 to 0.1, log');
    expect(node.querySelector('[data-testid="range-seed"]')).toBeNull();
  });

  it('asks to narrow only the parameter that changed', () => {
    const { kernel, node } = open();
    const low = byId(node, 'range-width-low');
    press(low, 'PageUp');
    release(low, 'PageUp');
    vi.advanceTimersByTime(500);
    expect(kernel.requests()).toEqual([{ type: 'narrow', ranges: { width: [11, 20] }, was: { width: [10, 20] } }]);
  });

  it('keeps showing the request until the kernel answers, then what it answered', () => {
    const { node, answer } = open();
    const low = byId(node, 'range-width-low');
    press(low, 'PageUp');
    release(low, 'PageUp');
    vi.advanceTimersByTime(500);
    answer({ elapsed_s: 81 });
    expect(low.getAttribute('aria-valuenow')).toBe('11');
    expect(byId(node, 'range-width').classList.contains('jt-pending')).toBe(true);
    answer({ ranges: { ...status.ranges, width: [12, 20] } });
    expect(low.getAttribute('aria-valuenow')).toBe('12');
    expect(byId(node, 'range-width').classList.contains('jt-pending')).toBe(false);
  });

  it('keeps showing the last request while an earlier one is answered', () => {
    const { node, answer } = open();
    type(byId(node, 'range-width-low-value'), '12');
    type(byId(node, 'range-width-low-value'), '14');
    answer({ ranges: { ...status.ranges, width: [12, 20] } });
    expect(byId(node, 'range-width-low').getAttribute('aria-valuenow')).toBe('14');
    answer({ ranges: { ...status.ranges, width: [14, 20] } });
    expect(byId(node, 'range-width').classList.contains('jt-pending')).toBe(false);
  });

  it('leaves alone what is being typed, and shows what holds when the field is left', () => {
    const { node, answer } = open();
    const end = byId(node, 'range-width-low-value') as HTMLInputElement;
    end.focus();
    end.value = '1';
    answer({ ranges: { ...status.ranges, width: [12, 20] } });
    expect(end.value).toBe('1');
    end.blur();
    expect(end.value).toBe('12');
  });

  it('returns to the truth when no answer comes', () => {
    const { node } = open();
    byId(node, 'chip-act-tanh').click();
    expect(byId(node, 'chip-act-tanh').getAttribute('aria-pressed')).toBe('false');
    vi.advanceTimersByTime(6000);
    expect(byId(node, 'chip-act-tanh').getAttribute('aria-pressed')).toBe('true');
  });

  it('turns choices off, but never the last one', () => {
    const { kernel, node, answer } = open();
    byId(node, 'chip-act-tanh').click();
    expect(kernel.requests()).toEqual([{ type: 'narrow', ranges: { act: ['relu'] }, was: { act: ['relu', 'tanh'] } }]);
    answer({ ranges: { ...status.ranges, act: ['relu'] } });
    byId(node, 'chip-act-relu').click();
    expect(kernel.requests()).toHaveLength(1);
    byId(node, 'chip-act-tanh').click();
    expect(kernel.requests()[1]).toEqual({
      type: 'narrow',
      ranges: { act: ['relu', 'tanh'] },
      was: { act: ['relu'] }
    });
  });

  it('resets a narrowed range to the declared one', () => {
    const { kernel, node, answer } = open();
    const reset = (): HTMLButtonElement => {
      const found = byId(node, 'range-width').querySelector<HTMLButtonElement>('.jt-reset');
      if (!found) throw new Error('no reset button');
      return found;
    };
    expect(reset().disabled).toBe(true);
    answer({ ranges: { ...status.ranges, width: [12, 14] } });
    reset().click();
    expect(kernel.requests()).toEqual([{ type: 'narrow', ranges: { width: [10, 20] }, was: { width: [12, 14] } }]);
  });

  it('can no longer be moved when the study has ended', () => {
    const { node, answer } = open();
    answer({ state: 'ended' });
    expect(byId(node, 'range-width-low').getAttribute('aria-disabled')).toBe('true');
    expect((byId(node, 'chip-act-relu') as HTMLButtonElement).disabled).toBe(true);
  });
});
