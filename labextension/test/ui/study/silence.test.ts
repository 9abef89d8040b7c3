import { describe, expect, it, vi } from 'vitest';
import { savedKernel } from '../../../src/wire/saved';
import { Store } from '../../../src/wire/store';
import { parameters, snapshot, status, templates } from '../../fixtures';
import { mount, onFreshPages, openDashboard } from '../open_dashboard';
import { byId, text } from '../open_part';

vi.mock('../../../src/ui/charts/chart', () => import('../fake_chart'));
onFreshPages();

describe('the kernel that has gone silent', () => {
  it('is said after three seconds, with the age of what is shown, until it is heard again', async () => {
    const { kernel, host } = await openDashboard();
    expect(byId(host, 'silence').hidden).toBe(true);
    await vi.advanceTimersByTimeAsync(2600);
    expect(byId(host, 'silence').hidden).toBe(true);
    await vi.advanceTimersByTimeAsync(2200);
    expect(text(host, 'silence')).toContain('has not answered for 5 s: this view is 5 s old');
    expect(text(host, 'silence')).toContain('Stop and other requests take effect when it is free');
    kernel.deliver({ type: 'alive' });
    await vi.advanceTimersByTimeAsync(300);
    expect(byId(host, 'silence').hidden).toBe(true);
  });

  it('is not said of a kernel that sends no news but a sign of life', async () => {
    const { kernel, host } = await openDashboard();
    for (let second = 0; second < 20; second++) {
      await vi.advanceTimersByTimeAsync(1000);
      kernel.deliver({ type: 'alive' });
      expect(byId(host, 'silence').hidden).toBe(true);
    }
  });

  it('has the requests that wait for it named', async () => {
    const { host } = await openDashboard();
    await vi.advanceTimersByTimeAsync(4000);
    byId(host, 'stop').click();
    await vi.advanceTimersByTimeAsync(300);
    expect(text(host, 'silence')).toContain('Stop is queued and takes effect when it is free');
    byId(host, 'pause').click();
    await vi.advanceTimersByTimeAsync(300);
    expect(text(host, 'silence')).toContain('Stop, Pause are queued and take effect');
  });

  it('is expected after the end, and of a saved view', async () => {
    const { host, update } = await openDashboard();
    await update({ state: 'ended' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(byId(host, 'silence').hidden).toBe(true);
    const saved = { version: 1, parameters, templates, tables: { ...snapshot, status } };
    const { host: view } = await mount(new Store(savedKernel(saved)));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(byId(view, 'silence').hidden).toBe(true);
  });

  it('is not mistaken for a page that was asleep', async () => {
    const { host, kernel } = await openDashboard();
    vi.setSystemTime(Date.now() + 60_000);
    const asleep = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 60_000);
    await vi.advanceTimersByTimeAsync(1000);
    expect(byId(host, 'silence').hidden).toBe(true);
    kernel.deliver({ type: 'alive' });
    await vi.advanceTimersByTimeAsync(700);
    expect(byId(host, 'silence').hidden).toBe(true);
    asleep.mockRestore();
  });
});
