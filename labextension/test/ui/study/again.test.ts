import { describe, expect, it, vi } from 'vitest';
import { onFreshPages, openDashboard } from '../open_dashboard';
import { byId } from '../open_part';

vi.mock('../../../src/ui/charts/chart', () => import('../fake_chart'));
onFreshPages();

describe('a cell that was run again', () => {
  it('offers to replace the study once it has ended, and asks once', async () => {
    const { kernel, host, update } = await openDashboard();
    expect(byId(host, 'again').hidden).toBe(true);
    kernel.offer('mnist-2');
    await update({ state: 'running' });
    expect(byId(host, 'again').hidden).toBe(false);
    byId(host, 'replace').click();
    expect(kernel.requests()).toEqual([]);
    await update({ state: 'ended' });
    byId(host, 'replace').click();
    byId(host, 'replace').click();
    byId(host, 'start-new').click();
    expect(kernel.requests()).toEqual([{ type: 'replace' }]);
  });

  it('that was edited can go on in both ways, once the study has ended', async () => {
    const { kernel, host, update } = await openDashboard();
    kernel.offer('mnist-2', true);
    await update({ state: 'running' });
    const edited = byId(host, 'resume-edited');
    expect(edited.closest<HTMLElement>('.jt-ways-line')?.hidden).toBe(true);
    await update({ state: 'ended' });
    expect(edited.closest<HTMLElement>('.jt-ways-line')?.hidden).toBe(false);
    edited.click();
    byId(host, 'resume-changed').click();
    expect(kernel.requests()).toEqual([{ type: 'resume', edited: true }]);
    kernel.deliver({ type: 'notice', level: 'error', text: 'x: not defined any more' });
    await update({ state: 'ended' });
    byId(host, 'resume-changed').click();
    expect(kernel.requests().at(-1)).toEqual({ type: 'resume' });
    kernel.offer('mnist-2');
    await update({ state: 'ended' });
    expect(edited.closest<HTMLElement>('.jt-ways-line')?.hidden).toBe(true);
  });

  it('offers a free name, and starts under the one that is typed', async () => {
    const { kernel, host, update } = await openDashboard();
    kernel.offer('mnist-2');
    await update({ state: 'ended' });
    const field = byId(host, 'new-name') as HTMLInputElement;
    expect(field.value).toBe('mnist-2');
    field.value = ' wider ';
    await update({ reason: 'all trials done' });
    expect(field.value).toBe(' wider ');
    byId(host, 'start-new').click();
    expect(kernel.requests()).toEqual([{ type: 'start', name: 'wider' }]);
    kernel.deliver({ type: 'notice', level: 'error', text: 'a study has that name' });
    field.value = '';
    await update({ reason: 'all trials done' });
    byId(host, 'start-new').click();
    expect(kernel.requests().at(-1)).toEqual({ type: 'start', name: 'mnist-2' });
  });
});
