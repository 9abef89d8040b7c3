import { describe, expect, it, vi } from 'vitest';
import { events, onFreshPages, openDashboard, openSteered } from '../open_dashboard';
import { byId, press, text, type } from '../open_part';

vi.mock('../../../src/ui/charts/chart', () => import('../fake_chart'));
onFreshPages();

describe('the controls', () => {
  it('sends stop, pause and resume, and offers none of them after the end', async () => {
    const { kernel, host, update } = await openDashboard();
    byId(host, 'pause').click();
    await update({ state: 'paused' });
    expect(text(host, 'pause')).toBe('Resume');
    byId(host, 'pause').click();
    byId(host, 'stop').click();
    expect(kernel.requests().map(({ type }) => type)).toEqual(['pause', 'resume', 'stop']);
    await update({ state: 'ended' });
    expect((byId(host, 'stop') as HTMLButtonElement).disabled).toBe(true);
    expect((byId(host, 'pause') as HTMLButtonElement).disabled).toBe(true);
  });
});

describe('the budget', () => {
  it('is sent as a whole when a field is left, and shown as asked for until it is answered', async () => {
    const { kernel, host } = await openSteered();
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
    const { kernel, host, update } = await openSteered();
    type(byId(host, 'budget-workers'), '3');
    type(byId(host, 'budget-trials'), '25');
    await update({ workers: 3 });
    type(byId(host, 'budget-workers'), '4');
    expect(kernel.requests().at(-1)).toEqual({ type: 'budget', trials: 25, workers: 4 });
  });

  it('stays as it was when Escape leaves a field', async () => {
    const { kernel, host } = await openSteered();
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
    const { kernel, host } = await openSteered();
    type(byId(host, 'budget-trials'), '2');
    type(byId(host, 'budget-workers'), '0');
    expect(kernel.requests()).toEqual([]);
  });
});

describe('what was changed', () => {
  it('is listed, newest first, as text; the newest that can be is taken back by Undo', async () => {
    const { kernel, host } = await openSteered();
    const changed = byId(host, 'changes');
    expect(changed.textContent).toContain('Change log (3)');
    expect(changed.querySelector('li')?.textContent).toBe('1:10<b>trial 2</b> pruned');
    expect(byId(host, 'undo').title).toBe('Undo: asked for lr = 0.004');
    byId(host, 'undo').click();
    expect(kernel.requests()).toEqual([{ type: 'undo', seq: 14 }]);
  });

  it('is taken back once, however often Undo is clicked before the answer', async () => {
    const { kernel, host, update } = await openSteered();
    byId(host, 'undo').click();
    byId(host, 'undo').click();
    expect(kernel.requests()).toEqual([{ type: 'undo', seq: 14 }]);
    await update({}, { events: { ...events, undoable: [true, false, false] } });
    byId(host, 'undo').click();
    expect(kernel.requests().at(-1)).toEqual({ type: 'undo', seq: 11 });
  });
});
