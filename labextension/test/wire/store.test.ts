import { describe, expect, it, vi } from 'vitest';
import { Store } from '../../src/wire/store';
import { openStore, snapshot, status, TestKernel } from '../fixtures';

const delta = (seq: number, base: number) =>
  ({ type: 'delta', seq, base, status, trials: { number: [0], value: [seq] } }) as const;

describe('Store', () => {
  it('asks for a snapshot when opened: deltas may have gone by', () => {
    expect(openStore().kernel.sent).toEqual([{ type: 'snapshot' }]);
  });

  it('applies deltas in sequence and tells its views', () => {
    const { kernel, store } = openStore();
    const onChange = vi.fn();
    store.subscribe(onChange);
    kernel.deliver(delta(2, 1));
    expect(store.tables.trials.value?.[0]).toBe(2);
    expect(onChange).toHaveBeenCalledTimes(1);
    kernel.deliver(delta(2, 1));
    expect(onChange).toHaveBeenCalledTimes(1);
  });

  it('asks once for what was lost, and again when no answer comes', () => {
    const kernel = new TestKernel();
    let clock = 0;
    const store = new Store(kernel, () => clock);
    kernel.deliver({ type: 'snapshot', ...snapshot });
    kernel.deliver(delta(5, 4));
    kernel.deliver(delta(6, 5));
    expect(kernel.sent).toHaveLength(2);
    expect(store.tables.seq).toBe(1);
    clock = 3500;
    kernel.deliver(delta(7, 6));
    expect(kernel.sent).toHaveLength(3);
    kernel.deliver({ type: 'snapshot', ...snapshot, seq: 7 });
    expect(store.tables.seq).toBe(7);
  });

  it('takes a newer snapshot from the trait, but never an older one', () => {
    const { kernel, store } = openStore();
    kernel.changeTables({ ...snapshot, seq: 9 });
    expect(store.tables.seq).toBe(9);
    kernel.changeTables({ ...snapshot, seq: 4 });
    expect(store.tables.seq).toBe(9);
  });

  it('keeps logs and notices until a notice is dismissed', () => {
    const { kernel, store } = openStore();
    kernel.deliver({ type: 'log', trial: 2, text: 'hello', error: 'boom' });
    kernel.deliver({ type: 'notice', level: 'error', text: 'no' });
    kernel.deliver({ type: 'notice', level: 'info', text: 'yes' });
    expect(store.logs.get(2)).toEqual({ text: 'hello', error: 'boom' });
    store.dismiss(store.notices[0]?.id ?? -1);
    expect(store.notices.map(({ text }) => text)).toEqual(['yes']);
  });

  it('hears and tells nothing once disposed', () => {
    const { kernel, store } = openStore();
    const onChange = vi.fn();
    store.subscribe(onChange);
    store.dispose();
    kernel.deliver(delta(2, 1));
    expect(onChange).not.toHaveBeenCalled();
    expect(store.tables.seq).toBe(1);
  });
});
