import { describe, expect, it, vi } from 'vitest';
import { onFreshPages, openSteered } from '../open_dashboard';
import { byId, text, type } from '../open_part';

vi.mock('../../../src/ui/charts/chart', () => import('../fake_chart'));
onFreshPages();

describe('next trials', () => {
  it('lists what was asked for, to be withdrawn', async () => {
    const { kernel, host } = await openSteered({ queue: [{ seq: 14, params: { lr: 0.004 } }] });
    expect(text(host, 'queue')).toBe('Queued by youlr = 0.004Withdraw');
    byId(host, 'queue').querySelector('button')?.click();
    expect(kernel.requests()).toEqual([{ type: 'undo', seq: 14 }]);
  });

  it('adds a trial with the values given, or says why not', async () => {
    const { kernel, host } = await openSteered();
    const form = byId(host, 'add-trial').querySelector('form');
    const submit = (): void => {
      form?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }));
    };
    submit();
    expect(text(host, 'add-trial')).toContain('Give at least one value.');
    (byId(host, 'add-lr') as HTMLInputElement).value = '3';
    submit();
    expect(text(host, 'add-trial')).toContain('lr: 3 lies outside the declared range');
    expect(kernel.requests()).toEqual([]);
    (byId(host, 'add-lr') as HTMLInputElement).value = '0.003';
    (byId(host, 'add-act') as HTMLSelectElement).value = 'tanh';
    submit();
    expect(kernel.requests()).toEqual([{ type: 'enqueue', params: { lr: 0.003, act: 'tanh' } }]);
    expect((byId(host, 'add-lr') as HTMLInputElement).value).toBe('');
  });
});

describe('typed ends of a range', () => {
  it('narrow it, kept inside what is declared', async () => {
    const { kernel, host } = await openSteered();
    type(byId(host, 'range-lr-low-value'), '0.00123456');
    type(byId(host, 'range-width-high-value'), '99');
    type(byId(host, 'range-width-low-value'), 'many');
    expect(kernel.requests()).toEqual([
      { type: 'narrow', ranges: { lr: [0.00123456, 0.1] }, was: { lr: [0.0001, 0.1] } }
    ]);
  });
});
