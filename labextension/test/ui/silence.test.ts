import { describe, expect, it, vi } from 'vitest';
import { savedKernel } from '../../src/core/saved';
import { Store } from '../../src/core/store';
import { parameters, snapshot, status, templates } from '../fixtures';
import { mount, onFreshPages, openDashboard } from './open_dashboard';
import { byId, text } from './page';

vi.mock('../../src/ui/chart', () => import('./fake_chart'));
onFreshPages();

describe('the kernel that has gone silent', () => {
  it('is said after three seconds, with the age of what is shown, until it is heard again', () => {
    const { kernel, host } = openDashboard();
    expect(byId(host, 'silence').hidden).toBe(true);
    vi.advanceTimersByTime(2600);
    expect(byId(host, 'silence').hidden).toBe(true);
    vi.advanceTimersByTime(2200);
    expect(text(host, 'silence')).toContain('has not answered for 5 s: this view is 5 s old');
    expect(text(host, 'silence')).toContain('Stop and other requests take effect when it is free');
    kernel.deliver({ type: 'alive' });
    vi.advanceTimersByTime(300);
    expect(byId(host, 'silence').hidden).toBe(true);
  });

  it('is not said of a kernel that sends no news but a sign of life', () => {
    const { kernel, host } = openDashboard();
    for (let second = 0; second < 20; second++) {
      vi.advanceTimersByTime(1000);
      kernel.deliver({ type: 'alive' });
      expect(byId(host, 'silence').hidden).toBe(true);
    }
  });

  it('has the requests that wait for it named', () => {
    const { host } = openDashboard();
    vi.advanceTimersByTime(4000);
    byId(host, 'stop').click();
    vi.advanceTimersByTime(300);
    expect(text(host, 'silence')).toContain('Stop is queued and takes effect when it is free');
    byId(host, 'pause').click();
    vi.advanceTimersByTime(300);
    expect(text(host, 'silence')).toContain('Stop, Pause are queued and take effect');
  });

  it('is expected after the end, and of a saved view', () => {
    const { host, update } = openDashboard();
    update({ state: 'ended' });
    vi.advanceTimersByTime(60_000);
    expect(byId(host, 'silence').hidden).toBe(true);
    const saved = { version: 1, parameters, templates, tables: { ...snapshot, status } };
    const { host: view } = mount(new Store(savedKernel(saved)));
    vi.advanceTimersByTime(60_000);
    expect(byId(view, 'silence').hidden).toBe(true);
  });

  it('is not mistaken for a page that was asleep', () => {
    const { host, kernel } = openDashboard();
    vi.setSystemTime(Date.now() + 60_000);
    const asleep = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 60_000);
    vi.advanceTimersByTime(1000);
    expect(byId(host, 'silence').hidden).toBe(true);
    kernel.deliver({ type: 'alive' });
    vi.advanceTimersByTime(700);
    expect(byId(host, 'silence').hidden).toBe(true);
    asleep.mockRestore();
  });
});
