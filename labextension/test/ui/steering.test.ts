/** What a person does to a study from the page, in one dashboard. */
import { describe, expect, it, vi } from 'vitest';
import type { Snapshot, Status } from '../../src/wire/protocol';
import { landscape, snapshot, status } from '../fixtures';
import { drawn } from './fake_chart';
import { drawnAll, onFreshPages, openDashboard, type OpenDashboard } from './open_dashboard';
import { byId, press, text, type } from './open_part';

vi.mock('../../src/ui/charts/chart', () => import('./fake_chart'));
onFreshPages();

const model = {
  ...landscape,
  note: 'the rest as in trial 0',
  at: { act: 'relu' },
  gain: { value: 0.0031, note: 'expected improvement' },
  slice_x: { values: [0.001, 0.1] },
  slice_y: { values: [10, 20] }
};
const events = {
  seq: [11, 14, 17],
  at_s: [5, 8, 70],
  trial: [1, 2, 3],
  kind: ['narrow', 'enqueue', 'halt'],
  text: ['lr narrowed to 0.001 – 0.01', 'asked for lr = 0.004', '<b>trial 2</b> pruned'],
  undoable: [true, true, false]
};

function open(fields: Partial<Status> = {}, more: Partial<Snapshot> = {}): Promise<OpenDashboard> {
  return openDashboard({ ...snapshot, landscape: model, events, status: { ...status, ...fields }, ...more });
}

describe('selection', () => {
  it('marks a trial clicked in one chart in every chart, in the table and in the detail; Escape clears it', async () => {
    const { store, host, hit } = await open();
    await drawnAll();
    await hit('chart-history', { kind: 'trial', trial: 0 });
    expect(store.selected).toBe(0);
    expect(drawn.slice(-3).map(({ selected }) => selected)).toEqual([0, 0, 0]);
    expect(byId(host, 'trial-0').classList.contains('jt-row-open')).toBe(true);
    expect(text(host, 'detail')).toContain('Trial 0');
    await drawnAll();
    press(byId(host, 'detail'), 'Escape');
    await drawnAll();
    expect(store.selected).toBeNull();
    expect(byId(host, 'detail').hidden).toBe(true);
    expect(drawn.at(-1)?.selected).toBeNull();
  });

  it('is what the best value and the errors lead to', async () => {
    const { store, host } = await open({ errors: [{ text: '<b>boom</b>', count: 2, trials: [2] }] });
    byId(host, 'best-trial').click();
    expect(store.selected).toBe(0);
    expect(text(host, 'errors')).toContain('2 ×<b>boom</b>trial2');
    byId(host, 'errors').querySelector('button')?.click();
    expect(store.selected).toBe(2);
  });
});

describe('a click on the plane', () => {
  it('offers the spot, and asks for it on a second click', async () => {
    const { kernel, host, hit } = await open();
    await drawnAll();
    await hit('chart-landscape', { kind: 'spot', column: 0, row: 1, x: 0.0031234, y: 17.8 });
    expect(byId(host, 'try-here').parentElement?.textContent).toContain('Try lr = 0.00312, width = 18 next?');
    expect(drawn.at(-1)?.figure.data.at(-1)).toMatchObject({ x: [0.00312], y: [18] });
    expect(kernel.requests()).toEqual([]);
    byId(host, 'try-here').click();
    expect(kernel.requests()).toEqual([{ type: 'enqueue', params: { lr: 0.00312, width: 18 } }]);
    expect(byId(host, 'try-here').parentElement?.hidden).toBe(true);
  });

  it('means the value at that place of an axis of distances to 1, and the very choice, None too', async () => {
    const choices = ['None', null, true, 1];
    const declared = [
      { name: 'beta', kind: 'float', low: 0, high: 0.9999, reverse_log: true },
      { name: 'clip', kind: 'categorical', choices }
    ] as const;
    const plane = {
      ...model,
      ...{ x: 'beta', x_values: [0, 0.99, 0.9999], y: 'clip', y_values: choices },
      x_axis: { type: 'linear', on: { low: 0, high: 0.9999, scale: 'reverse_log' } },
      y_axis: { type: 'linear', on: { choices } }
    } as const;
    const { kernel, host, hit, update } = await open();
    kernel.traits = { ...kernel.traits, parameters: declared };
    await update({}, { landscape: plane });
    await drawnAll();
    await hit('chart-landscape', { kind: 'spot', column: 1, row: 1, x: 0.75, y: 0.4 });
    expect(drawn.at(-1)?.figure.data.at(-1)).toMatchObject({ x: [0.75], y: [0.375] });
    byId(host, 'try-here').click();
    expect(kernel.requests()).toEqual([{ type: 'enqueue', params: { beta: 0.999, clip: null } }]);
  });

  it('leaves no cross behind when the offer has gone', async () => {
    const { host, hit, update } = await open();
    const spot = { kind: 'spot', column: 0, row: 1, x: 0.003, y: 17 } as const;
    const crosses = (): number => {
      const plane = drawn.findLast(({ plot }) => byId(host, 'chart-landscape').contains(plot));
      return (plane?.figure.data.length ?? 0) - 1;
    };
    await drawnAll();
    await hit('chart-landscape', spot);
    expect(crosses()).toBe(1);
    await drawnAll();
    byId(host, 'tab-distribution').click();
    byId(host, 'tab-landscape').click();
    await drawnAll();
    expect(crosses()).toBe(0);
    await drawnAll();
    await hit('chart-landscape', spot);
    expect(crosses()).toBe(1);
    await drawnAll();
    await update({ state: 'stopping' });
    await drawnAll();
    expect(crosses()).toBe(0);
  });

  it('offers nothing once the study has ended', async () => {
    const { host, hit } = await open({ state: 'ended' });
    await hit('chart-landscape', { kind: 'spot', column: 0, row: 1, x: 0.003, y: 17 });
    expect(byId(host, 'try-here').parentElement?.hidden).toBe(true);
  });
});

describe('the model’s other parameters', () => {
  it('stand where they are put, and go back', async () => {
    const { kernel, host } = await open();
    expect((byId(host, 'at-act') as HTMLSelectElement).value).toBe('relu');
    type(byId(host, 'at-act'), 'tanh');
    byId(host, 'at-reset').click();
    expect(kernel.requests()).toEqual([
      { type: 'landscape', x: 'lr', y: 'width', at: { act: 'tanh' } },
      { type: 'landscape', x: 'lr', y: 'width' }
    ]);
  });
});

describe('a request about the model', () => {
  const overdue = 31_000;

  it('that the kernel refuses is given up in the end', async () => {
    const { host } = await open();
    type(byId(host, 'select-x'), 'act');
    await vi.advanceTimersByTimeAsync(300);
    const card = byId(host, 'select-x').closest('.jt-card');
    expect(card?.classList.contains('jt-pending')).toBe(true);
    await vi.advanceTimersByTimeAsync(overdue);
    expect((byId(host, 'select-x') as HTMLSelectElement).value).toBe('lr');
    expect(card?.classList.contains('jt-pending')).toBe(false);
  });

  it('is complained about until the values are put back', async () => {
    const { host } = await open({}, { landscape: { ...model, x: 'act', at: { lr: 0.01 } } });
    type(byId(host, 'at-lr'), '0.02');
    type(byId(host, 'at-lr'), '7');
    const held = byId(host, 'at-lr').closest('.jt-held');
    expect(held?.textContent).toContain('lr: 7 lies outside');
    byId(host, 'at-reset').click();
    expect(held?.textContent).not.toContain('lr: 7');
  });

  it('shows choices that are numbers by the names they are chosen by', async () => {
    const decay = { name: 'decay', kind: 'categorical', choices: [1e-4, 0.123456] } as const;
    const { kernel, host, update } = await open();
    kernel.traits = { ...kernel.traits, parameters: [...kernel.traits.parameters, decay] };
    await update({}, { landscape: { ...model, at: { decay: 1e-4 } } });
    expect((byId(host, 'at-decay') as HTMLSelectElement).value).toBe('0.0001');
  });
});

describe('tabs', () => {
  it('show a chart when chosen, by click or by arrow, and only those that were sent', async () => {
    const { host } = await open();
    expect(host.querySelector('[data-testid="tab-importances"]')).toBeNull();
    expect(host.querySelector('[data-testid="chart-edf"]')).toBeNull();
    byId(host, 'tab-distribution').click();
    expect(byId(host, 'chart-edf').hidden).toBe(false);
    expect(byId(host, 'chart-landscape').hidden).toBe(true);
    byId(host, 'tab-distribution').focus();
    press(byId(host, 'tab-distribution'), 'ArrowLeft');
    expect(document.activeElement).toBe(byId(host, 'tab-timeline'));
    expect(byId(host, 'tab-timeline').getAttribute('aria-selected')).toBe('true');
    press(byId(host, 'tab-timeline'), 'Home');
    expect(byId(host, 'chart-landscape').hidden).toBe(false);
  });
});

describe('the budget', () => {
  it('is sent as a whole when a field is left, and shown as asked for until it is answered', async () => {
    const { kernel, host } = await open();
    type(byId(host, 'budget-trials'), '25');
    type(byId(host, 'budget-workers'), '3');
    type(byId(host, 'budget-trials'), '');
    expect(kernel.requests()).toEqual([
      { type: 'budget', trials: 25, workers: 2 },
      { type: 'budget', trials: 25, workers: 3 },
      { type: 'budget', trials: null, workers: 3 }
    ]);
    await vi.advanceTimersByTimeAsync(6000);
    expect((byId(host, 'budget-trials') as HTMLInputElement).value).toBe('10');
  });

  it('keeps what was asked for last while an earlier request is answered', async () => {
    const { kernel, host, update } = await open();
    type(byId(host, 'budget-workers'), '3');
    type(byId(host, 'budget-trials'), '25');
    await update({ workers: 3 });
    type(byId(host, 'budget-workers'), '4');
    expect(kernel.requests().at(-1)).toEqual({ type: 'budget', trials: 25, workers: 4 });
  });

  it('stays as it was when Escape leaves a field', async () => {
    const { kernel, host } = await open();
    const trials = byId(host, 'budget-trials') as HTMLInputElement;
    let before = trials.value;
    trials.addEventListener('focus', () => (before = trials.value));
    // as in a browser: a field that is left says that it has changed, if it has
    const blur = trials.blur.bind(trials);
    trials.blur = () => {
      if (trials.value !== before) trials.dispatchEvent(new Event('change', { bubbles: true }));
      blur();
    };
    trials.focus();
    trials.value = '105';
    press(trials, 'Escape');
    expect(kernel.requests()).toEqual([]);
    expect(trials.value).toBe('10');
  });

  it('is not sent below what is spent', async () => {
    const { kernel, host } = await open();
    type(byId(host, 'budget-trials'), '2');
    type(byId(host, 'budget-workers'), '0');
    expect(kernel.requests()).toEqual([]);
  });
});

describe('what was changed', () => {
  it('is listed, newest first, as text; the newest that can be is taken back by Undo', async () => {
    const { kernel, host } = await open();
    const changed = byId(host, 'changes');
    expect(changed.textContent).toContain('Change log (3)');
    expect(changed.querySelector('li')?.textContent).toBe('1:10<b>trial 2</b> pruned');
    expect(byId(host, 'undo').title).toBe('Undo: asked for lr = 0.004');
    byId(host, 'undo').click();
    expect(kernel.requests()).toEqual([{ type: 'undo', seq: 14 }]);
  });

  it('is taken back once, however often Undo is clicked before the answer', async () => {
    const { kernel, host, update } = await open();
    byId(host, 'undo').click();
    byId(host, 'undo').click();
    expect(kernel.requests()).toEqual([{ type: 'undo', seq: 14 }]);
    await update({}, { events: { ...events, undoable: [true, false, false] } });
    byId(host, 'undo').click();
    expect(kernel.requests().at(-1)).toEqual({ type: 'undo', seq: 11 });
  });
});

describe('next trials', () => {
  it('lists what was asked for, to be withdrawn', async () => {
    const { kernel, host } = await open({ queue: [{ seq: 14, params: { lr: 0.004 } }] });
    expect(text(host, 'queue')).toBe('Queued by youlr = 0.004Withdraw');
    byId(host, 'queue').querySelector('button')?.click();
    expect(kernel.requests()).toEqual([{ type: 'undo', seq: 14 }]);
  });

  it('adds a trial with the values given, or says why not', async () => {
    const { kernel, host } = await open();
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
    const { kernel, host } = await open();
    type(byId(host, 'range-lr-low-value'), '0.00123456');
    type(byId(host, 'range-width-high-value'), '99');
    type(byId(host, 'range-width-low-value'), 'many');
    expect(kernel.requests()).toEqual([{ type: 'narrow', ranges: { lr: [0.00123456, 0.1] } }]);
  });
});

describe('the gain', () => {
  it('of the next trial is told while there is one', async () => {
    expect(text((await open()).host, 'gain')).toBe('Expected improvement: 0.0031');
    expect(byId((await open({ state: 'ended' })).host, 'gain').hidden).toBe(true);
  });
});
