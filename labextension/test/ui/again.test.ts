import { describe, expect, it, vi } from 'vitest';
import { onFreshPages, openDashboard } from './open_dashboard';
import { byId } from './page';

vi.mock('../../src/ui/chart', () => import('./fake_chart'));
onFreshPages();

describe('a cell that was run again', () => {
  it('offers to replace the study once it has ended, and asks once', () => {
    const { kernel, host, update } = openDashboard();
    expect(byId(host, 'again').hidden).toBe(true);
    kernel.offer('mnist-2');
    update({ state: 'running' });
    expect(byId(host, 'again').hidden).toBe(false);
    byId(host, 'replace').click();
    expect(kernel.wishes()).toEqual([]);
    update({ state: 'ended' });
    byId(host, 'replace').click();
    byId(host, 'replace').click();
    byId(host, 'start-new').click();
    expect(kernel.wishes()).toEqual([{ type: 'replace' }]);
  });

  it('offers a free name, and starts under the one that is typed', () => {
    const { kernel, host, update } = openDashboard();
    kernel.offer('mnist-2');
    update({ state: 'ended' });
    const field = byId(host, 'new-name') as HTMLInputElement;
    expect(field.value).toBe('mnist-2');
    field.value = ' wider ';
    update({ reason: 'all trials done' });
    expect(field.value).toBe(' wider ');
    byId(host, 'start-new').click();
    expect(kernel.wishes()).toEqual([{ type: 'start', name: 'wider' }]);
    kernel.deliver({ type: 'notice', level: 'error', text: 'a study has that name' });
    field.value = '';
    update({ reason: 'all trials done' });
    byId(host, 'start-new').click();
    expect(kernel.wishes().at(-1)).toEqual({ type: 'start', name: 'mnist-2' });
  });
});
