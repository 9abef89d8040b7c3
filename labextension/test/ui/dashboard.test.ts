import { describe, expect, it, vi } from 'vitest';
import { askLooks, showLooks } from '../../src/doors';
import { mountDashboard } from '../../src/ui/dashboard';
import { openStore, snapshot, status } from '../fixtures';
import { drawn, failing } from './fake_chart';
import { drawnAll, mount, onFreshPages, openDashboard, openSteered } from './open_dashboard';
import { byId, press, text } from './open_part';

vi.mock('../../src/ui/charts/chart', () => import('./fake_chart'));
onFreshPages();

const best = { number: 0, value: 0.9 };

describe('mountDashboard', () => {
  it('shows the study, its progress and its best trial', async () => {
    const { host } = await openDashboard();
    expect(text(host, 'state')).toBe('running');
    expect(text(host, 'counts')).toBe('3 of 10 trials1 complete1 pruned1 failed1 running');
    expect(byId(host, 'progress').getAttribute('aria-valuenow')).toBe('3');
    expect(text(host, 'best-value')).toBe('0.9');
    expect(text(host, 'best-params')).toBe('lr0.01width16actrelu');
    expect(host.textContent).toContain('1 min 20 s');
    expect(host.textContent).toContain('50 % of the steps saved (6 of 12 run)');
  });

  it('keeps the place of every chart before any is drawn', () => {
    const host = document.createElement('div');
    const unmount = mountDashboard(host, openStore(snapshot).store);
    const places = [...host.querySelectorAll<HTMLElement>('.jt-plot-area')];
    expect(places.length).toBeGreaterThan(2);
    for (const place of places) {
      const [plot, words] = ['.jt-plot', '.jt-empty'].map(part => place.querySelector<HTMLElement>(part));
      expect([plot?.hidden, words?.hidden]).toEqual([false, true]);
    }
    unmount();
  });

  it('shows what has been chosen in the one that it takes the place of', async () => {
    const tagged = {
      ...snapshot,
      trials: { ...snapshot.trials, tags: ['good', '', 'good', ''], note: ['', '', '', ''] }
    };
    const [before, after] = [await openDashboard(tagged), await openDashboard(tagged)];
    const rootOf = ({ host }: typeof before): HTMLElement => byId(host, 'jupyter-tune-dashboard');
    const looks = { selected: 2, view: 'timeline', sorting: { key: 'value', descending: false }, tag: 'good' };
    showLooks(rootOf(before), looks);
    expect(askLooks(rootOf(before))).toEqual(looks);
    showLooks(rootOf(after), { ...looks, tag: 'gone', view: 'gone' });
    expect(askLooks(rootOf(after))).toMatchObject({ selected: 2, tag: '' });
    expect(after.host.querySelectorAll('.jt-row')).toHaveLength(4);
    expect(before.host.querySelectorAll('.jt-row')).toHaveLength(2);
    expect(text(before.host, 'detail')).toContain('Trial 2');
  });

  it('tells the choice None from no value', async () => {
    const { host } = await openDashboard({
      ...snapshot,
      status: { ...status, best: { ...best, params: { clip: null } } }
    });
    expect(text(host, 'best-params')).toBe('clipNone');
  });

  it('draws a chart once more before it says that it could not be drawn, and as soon as there is more to draw', async () => {
    const complaints = vi.spyOn(console, 'error').mockReturnValue();
    const words = 'This chart could not be drawn: Error: it was not ready in time';
    failing.draws = 1;
    const { kernel, host } = await openDashboard();
    const one = async (seq: number): Promise<void> => {
      kernel.deliver({ type: 'delta', seq, base: seq - 1, status, points: { number: [3], step: [seq], value: [0.5] } });
      await drawnAll();
    };
    await drawnAll();
    expect(host.textContent).not.toContain(words);
    expect(drawn).toHaveLength(3);
    failing.draws = 2;
    await one(2);
    expect(host.textContent).toContain(words);
    expect(complaints).toHaveBeenCalledTimes(1);
    await one(3);
    expect(host.textContent).not.toContain(words);
  });

  it('keeps counting between messages while the study runs, and stands still when it is paused', async () => {
    const { host, update } = await openDashboard();
    await vi.advanceTimersByTimeAsync(5000);
    expect(host.textContent).toContain('1 min 25 s');
    await update({ state: 'paused' });
    await vi.advanceTimersByTimeAsync(5000);
    expect(host.textContent).toContain('1 min 20 s');
  });

  it('takes names and errors for text, never for markup', async () => {
    const name = '<img src=x onerror=alert(1)>';
    const { host } = await openDashboard({ ...snapshot, status: { ...status, name, metric: name, reason: name } });
    expect(host.querySelector('img')).toBeNull();
    expect(host.textContent).toContain(name);
  });

  it('draws at most four times a second, and a chart only when what it shows has changed', async () => {
    const { kernel, host } = await openDashboard();
    await drawnAll();
    expect(drawn).toHaveLength(2);
    for (let i = 0; i < 10; i++) {
      kernel.deliver({ type: 'delta', seq: 2 + i, base: 1 + i, status: { ...status, elapsed_s: 100 + i } });
    }
    await vi.advanceTimersByTimeAsync(300);
    expect(host.textContent).toContain('1 min 49 s');
    await drawnAll();
    expect(drawn).toHaveLength(2);
    for (let i = 0; i < 10; i++) {
      const points = { number: [3], step: [3 + i], value: [0.5] };
      kernel.deliver({ type: 'delta', seq: 12 + i, base: 11 + i, status, points });
    }
    await vi.advanceTimersByTimeAsync(300);
    expect(drawn).toHaveLength(3);
  });

  it('draws the charts again when the theme changes', async () => {
    await openDashboard();
    await drawnAll();
    const before = drawn.length;
    document.body.dataset.jpThemeLight = 'false';
    await vi.advanceTimersByTimeAsync(300);
    expect(drawn.length).toBe(before + 2);
  });

  it('says what is missing while there is no data', async () => {
    const counts = { waiting: 0, running: 0, complete: 0, pruned: 0, failed: 0, cancelled: 0 };
    const { host } = await openDashboard({
      ...snapshot,
      trials: {},
      points: {},
      status: { ...status, state: 'starting', best: null, counts, trials: null }
    });
    expect(text(host, 'chart-history')).toContain('first finished trial');
    expect(text(host, 'chart-landscape')).toContain('appears after the first trials finish');
    expect(text(host, 'counts')).toBe('0 trials');
    expect(text(host, 'best-value')).toBe('–');
    expect(drawn).toHaveLength(0);
  });

  it('points to the reason when every trial has failed', async () => {
    const counts = { waiting: 0, running: 0, complete: 0, pruned: 0, failed: 2, cancelled: 0 };
    const trials = { number: [0, 1], state: ['failed', 'failed'], value: [null, null] };
    const { host } = await openDashboard({
      ...snapshot,
      trials,
      points: {},
      status: { ...status, state: 'ended', best: null, counts }
    });
    expect(text(host, 'chart-history')).toContain('Every trial failed');
    expect(text(host, 'chart-landscape')).toMatch(/^The model is not drawn yet\./);
    expect(host.textContent).toContain('No trial reported accuracy');
  });

  it('shows notices until they are dismissed', async () => {
    const { kernel, host } = await openDashboard();
    kernel.deliver({ type: 'notice', level: 'error', text: 'width: out of range' });
    await vi.advanceTimersByTimeAsync(300);
    expect(text(host, 'notice')).toContain('width: out of range');
    byId(host, 'notice').querySelector('button')?.click();
    await vi.advanceTimersByTimeAsync(300);
    expect(host.querySelector('[data-testid="notice"]')).toBeNull();
  });

  it('keeps the shortcuts of the notebook away from what has the focus', async () => {
    const { host } = await openDashboard();
    for (const id of ['stop', 'select-x', 'range-lr-low']) {
      byId(host, id).focus();
      expect(byId(host, id).hasAttribute('data-lm-suppress-shortcuts')).toBe(true);
    }
  });

  it('keeps two views of one store in step', async () => {
    const { store, host, update } = await openDashboard();
    await update({ best: { number: 1, value: 0.95, params: {} } });
    const { host: second } = await mount(store);
    expect(text(second, 'best-value')).toBe('0.95');
    await update({ best: { number: 1, value: 0.97, params: {} } });
    expect([text(host, 'best-value'), text(second, 'best-value')]).toEqual(['0.97', '0.97']);
  });

  it('leaves nothing behind when unmounted', async () => {
    const { host, unmount, update } = await openDashboard();
    unmount();
    const before = drawn.length;
    await update({ state: 'ended' }, { trials: { number: [0], value: [1] } });
    document.body.dataset.jpThemeLight = 'true';
    await vi.advanceTimersByTimeAsync(5000);
    expect(host.childElementCount).toBe(0);
    expect(drawn).toHaveLength(before);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('selection', () => {
  it('marks a trial clicked in one chart in every chart, in the table and in the detail; Escape clears it', async () => {
    const { store, host, hit } = await openSteered();
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
    const { store, host } = await openSteered({ errors: [{ text: '<b>boom</b>', count: 2, trials: [2] }] });
    byId(host, 'best-trial').click();
    expect(store.selected).toBe(0);
    expect(text(host, 'errors')).toContain('2 ×<b>boom</b>trial2');
    byId(host, 'errors').querySelector<HTMLElement>('.jt-link')?.click();
    expect(store.selected).toBe(2);
  });
});

describe('the gain', () => {
  it('of the next trial is told while there is one', async () => {
    expect(text((await openSteered()).host, 'gain')).toBe('Expected improvement: 0.0031');
    expect(byId((await openSteered({ state: 'ended' })).host, 'gain').hidden).toBe(true);
  });
});
