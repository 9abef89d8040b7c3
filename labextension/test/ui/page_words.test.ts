/** What the top of the page says of the best, of failures and of changes that are taken back. */
import { describe, expect, it, vi } from 'vitest';
import { formatMoment } from '../../src/params/format';
import { landscape, snapshot, status } from '../fixtures';
import { drawnAll, onFreshPages, openDashboard } from './open_dashboard';
import { byId, text } from './open_part';

vi.mock('../../src/ui/charts/chart', () => import('./fake_chart'));
onFreshPages();

const none = { waiting: 0, running: 0, complete: 0, pruned: 0, failed: 0, cancelled: 0 };
const leader = { number: 3, value: 0.908, state: 'running', params: { lr: 0.03 } } as const;

describe('the headline', () => {
  it('is the best so far while no trial is complete', async () => {
    const { host, store, update } = await openDashboard({ ...snapshot, status: { ...status, best: null, leader } });
    expect(text(host, 'best-value')).toBe('0.908');
    expect(text(host, 'best-trial')).toBe('best accuracy so far, trial 3, still running');
    byId(host, 'best-trial').click();
    expect(store.selected).toBe(3);
    await update({ leader: { ...leader, state: 'pruned' } });
    expect(text(host, 'best-trial')).toBe('best accuracy so far, trial 3, pruned');
    expect(byId(host, 'copy-best').hidden).toBe(true);
  });

  it('says when the best was found, and how long it leads while the study runs', async () => {
    const best = { number: 0, value: 0.9, params: {}, at_s: 64 };
    const { host, update } = await openDashboard({ ...snapshot, status: { ...status, best } });
    expect(text(host, 'best-since')).toBe('found at 1:04, unbeaten for 16 s');
    await update({ state: 'ended', best });
    expect(text(host, 'best-since')).toBe('found at 1:04');
    expect([0, 59.9, 204, 3725].map(formatMoment)).toEqual(['0:00', '0:59', '3:24', '1:02:05']);
  });

  it('says which trial of an earlier study is the best', async () => {
    const best = { number: 4, value: 0.9, params: { lr: 1 }, at_s: null, ran_as: 'first, trial 12' };
    const { host } = await openDashboard({ ...snapshot, status: { ...status, best } });
    expect(text(host, 'best-trial')).toBe('best accuracy, trial 4 (from first, trial 12)');
    expect(text(host, 'best-since')).toBe('');
  });

  it('says that the improvement to expect is negligible', async () => {
    const gain = { value: 4e-8, note: 'expected improvement' };
    const { host } = await openDashboard({ ...snapshot, landscape: { ...landscape, gain } });
    expect(text(host, 'gain')).toBe('Expected improvement: negligible, you could stop');
  });

  it('gives the best as Python to the clipboard', async () => {
    const written = vi.fn(() => Promise.resolve());
    vi.stubGlobal('navigator', { clipboard: { writeText: written } });
    const best = { number: 0, value: 0.9, params: { lr: 1 }, literal: "{'lr': 1.0}" };
    const { host } = await openDashboard({ ...snapshot, status: { ...status, best } });
    byId(host, 'copy-best').click();
    await vi.advanceTimersByTimeAsync(300);
    expect(written).toHaveBeenCalledWith("{'lr': 1.0}");
    expect(text(host, 'notice')).toContain("Copied: {'lr': 1.0}");
    // what need not be read goes by itself
    await vi.advanceTimersByTimeAsync(7000);
    expect(host.querySelector('[data-testid="notice"]')).toBeNull();
  });
});

describe('failures', () => {
  const errors = [
    { text: 'KeyError: 1', count: 2, trials: [1, 2], where: '' },
    { text: 'ValueError: no data', count: 1, trials: [0], where: 'line 8: model.fit(x)' }
  ];

  it('of every trial are said on top, with the first error and the line of the cell', async () => {
    const failed = { ...status, best: null, errors, counts: { ...none, failed: 3, running: 1 } };
    const { host, store, update } = await openDashboard({ ...snapshot, status: failed });
    expect(text(host, 'verdict')).toBe(
      'All 3 trials so far failed: ValueError: no dataIn the cell, line 8: model.fit(x)Trial 0'
    );
    expect(byId(host, 'verdict').getAttribute('role')).toBe('alert');
    byId(host, 'verdict').querySelector('button')?.click();
    expect(store.selected).toBe(0);
    await update({ ...failed, state: 'ended', counts: { ...none, failed: 4 } });
    expect(text(host, 'verdict')).toContain('Every trial failed: ValueError: no data');
    await update({ ...failed, counts: { ...none, failed: 3, pruned: 1 } });
    expect(byId(host, 'verdict').hidden).toBe(true);
  });

  it('and values that are no number are counted', async () => {
    const { host, update } = await openDashboard({ ...snapshot, status: { ...status, nonfinite: 2 } });
    expect(text(host, 'counts')).toContain('2 with NaN or infinity');
    expect(text(host, 'undrawn')).toBe('Not drawn: 2 trials with NaN or infinity');
    await update(
      { state: 'ended', best: null, nonfinite: 2, counts: { ...none, complete: 2 } },
      { trials: { number: [0], state: ['complete'], value: [null] } }
    );
    expect(text(host, 'best-trial')).toBe('No trial reported a finite accuracy');
    await drawnAll();
    expect(text(host, 'chart-history')).toBe('No trial reported a finite accuracy.');
  });
});

describe('Undo and Redo', () => {
  const events = (...rows: (readonly [seq: number, kind: string, text: string, undoable: boolean])[]) => ({
    seq: rows.map(([seq]) => seq),
    at_s: rows.map(() => 1),
    kind: rows.map(([, kind]) => kind),
    text: rows.map(([, , words]) => words),
    undoable: rows.map(([, , , undoable]) => undoable)
  });
  const narrowed = [5, 'narrow', 'lr narrowed to 0.001 – 0.01', true] as const;
  const ranges = { ...status.ranges, lr: [0.001, 0.01] };
  const button = (host: HTMLElement, id: string) => byId(host, id) as HTMLButtonElement;

  it('say what they did, and take a change back and forth', async () => {
    const first = { ...snapshot, events: events(narrowed), status: { ...status, ranges } };
    const { host, kernel, update } = await openDashboard(first);
    expect(button(host, 'redo').disabled).toBe(true);
    button(host, 'undo').click();
    const undoneRows = [
      [5, 'narrow', 'lr narrowed to 0.001 – 0.01', false],
      [6, 'narrow', 'lr back to 1e-4 – 0.1', false]
    ] as const;
    await update({ ranges: status.ranges }, { events: events(...undoneRows) });
    await vi.advanceTimersByTimeAsync(300);
    expect(text(host, 'notice')).toContain('Undone: lr narrowed to 0.001 – 0.01');
    expect(button(host, 'redo').title).toBe('Redo: lr narrowed to 0.001 – 0.01');
    button(host, 'redo').click();
    expect(kernel.requests()).toEqual([
      { type: 'undo', seq: 5 },
      { type: 'narrow', ranges }
    ]);
    const again = [7, 'narrow', 'lr narrowed to 0.001 – 0.01', true] as const;
    await update({ ranges }, { events: events(...undoneRows, again) });
    expect(button(host, 'redo').disabled).toBe(true);
    expect(button(host, 'undo').disabled).toBe(false);
  });

  it('leave no way forward after another change', async () => {
    const { host, update } = await openDashboard({
      ...snapshot,
      events: events(narrowed),
      status: { ...status, ranges }
    });
    button(host, 'undo').click();
    const taken = [5, 'narrow', 'lr narrowed', false] as const;
    await update({}, { events: events(taken, [6, 'narrow', 'lr back', false]) });
    expect(button(host, 'redo').disabled).toBe(false);
    await update({}, { events: events(taken, [6, 'narrow', 'lr back', false], [7, 'pause', 'paused', true]) });
    expect(button(host, 'redo').disabled).toBe(true);
  });
});
