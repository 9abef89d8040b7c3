/** How a study that has ended or was interrupted is shown, and goes on. */
import { describe, expect, it, vi } from 'vitest';
import { drawn } from '../fake_chart';
import { drawnAll, onFreshPages, openDashboard } from '../open_dashboard';
import { byId, text } from '../open_part';

vi.mock('../../../src/ui/charts/chart', () => import('../fake_chart'));
onFreshPages();

describe('an ended study', () => {
  it('offers to go on with an ended study, and asks once until it does', async () => {
    const { kernel, host, update } = await openDashboard();
    expect(byId(host, 'go-on-buttons').hidden).toBe(true);
    await update({ state: 'ended', trials: 1000 });
    expect(byId(host, 'go-on-buttons').hidden).toBe(false);
    byId(host, 'more-trials').click();
    byId(host, 'more-trials').click();
    byId(host, 'go-on').click();
    expect(kernel.requests()).toEqual([{ type: 'more', trials: 20 }]);
    // so quick that its running was never seen
    await update({ state: 'ended', trials: 1020 });
    expect((byId(host, 'more-trials') as HTMLButtonElement).disabled).toBe(false);
    await update({ state: 'running' });
    expect(byId(host, 'go-on-buttons').hidden).toBe(true);
  });

  it('does not offer Resume where nothing of the budget is left', async () => {
    const counts = { waiting: 0, running: 0, complete: 3, pruned: 0, failed: 0, cancelled: 0 };
    const { host, update } = await openDashboard();
    await update({ state: 'ended', trials: 3, counts });
    expect(byId(host, 'go-on').hidden).toBe(true);
    expect(byId(host, 'more-trials').hidden).toBe(false);
  });
});

describe('an interrupted study', () => {
  it('says once that a study was interrupted, and why, with Resume beside it, which asks once', async () => {
    const { kernel, host, update } = await openDashboard();
    await update({ state: 'interrupted', reason: 'the process that ran it has ended' });
    expect(text(host, 'ways')).toContain('Interrupted: the process that ran it has ended');
    expect(host.querySelector<HTMLElement>('.jt-reason')?.hidden).toBe(true);
    expect(byId(host, 'go-on').hidden).toBe(true);
    expect(byId(host, 'show-here').hidden).toBe(true);
    const resume = byId(host, 'resume') as HTMLButtonElement;
    resume.click();
    resume.click();
    expect(kernel.requests()).toEqual([{ type: 'resume' }]);
    kernel.deliver({ type: 'notice', level: 'error', text: 'train_set: this kernel does not have it' });
    await vi.waitUntil(() => !resume.disabled);
    await update({ state: 'running', reason: '' });
    expect(byId(host, 'ways').hidden).toBe(true);
  });

  it('says of no trial that it runs where the study was interrupted', async () => {
    const { host, update } = await openDashboard();
    const counts = { waiting: 1, running: 2, complete: 3, pruned: 0, failed: 0, cancelled: 0 };
    await update({ counts });
    expect(text(host, 'counts')).toContain('2 running');
    await update({ state: 'interrupted', counts });
    expect(text(host, 'counts')).toContain('2 unfinished');
    expect(byId(host, 'progress').querySelector('[data-state="running"]')).toBeNull();
    expect(byId(host, 'trials').textContent).toContain('unfinished');
    expect(byId(host, 'trials').textContent).not.toContain('running');
    await update({ state: 'running', reason: '', counts });
    expect(text(host, 'counts')).toContain('2 running');
    expect(byId(host, 'trials').textContent).toContain('running');
  });

  it('names the marks of trials that ran as unfinished where the study was interrupted', async () => {
    const { update } = await openDashboard();
    await drawnAll();
    expect(drawn.at(-1)?.figure.data).toMatchObject([{ name: 'running' }]);
    await update({ state: 'interrupted' });
    await drawnAll();
    expect(drawn.at(-1)?.figure.data).toMatchObject([{ name: 'unfinished' }]);
  });
});
