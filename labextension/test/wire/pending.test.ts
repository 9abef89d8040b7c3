import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPending } from '../../src/wire/pending';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('createPending', () => {
  it('shows the request until the truth changes', () => {
    const pending = createPending<number>(Object.is, () => undefined);
    expect(pending.shown(1)).toEqual({ value: 1, pending: false });
    pending.ask(2, 1);
    expect(pending.shown(1)).toEqual({ value: 2, pending: true });
    expect(pending.shown(3)).toEqual({ value: 3, pending: false });
    expect(pending.shown(1)).toEqual({ value: 1, pending: false });
  });

  it('keeps showing the last of several requests while the earlier ones are answered', () => {
    const pending = createPending<number>(Object.is, () => undefined);
    pending.ask(2, 1);
    pending.ask(3, 1);
    expect(pending.shown(2)).toEqual({ value: 3, pending: true });
    expect(pending.shown(3)).toEqual({ value: 3, pending: false });
    expect(pending.shown(2)).toEqual({ value: 2, pending: false });
  });

  it('forgets the request when the answer is overdue, and says so', () => {
    const onOverdue = vi.fn();
    const pending = createPending<number>(Object.is, onOverdue, 1000);
    pending.ask(2, 1);
    vi.advanceTimersByTime(1001);
    expect(onOverdue).toHaveBeenCalledTimes(1);
    expect(pending.shown(1)).toEqual({ value: 1, pending: false });
  });

  it('leaves no timer when disposed', () => {
    const pending = createPending<number>(Object.is, () => undefined);
    pending.ask(2, 1);
    pending.dispose();
    expect(vi.getTimerCount()).toBe(0);
  });
});
