/** The card with tabs: the model, its axes, and what is asked of it. */
import { describe, expect, it, vi } from 'vitest';
import { landscape, snapshot } from '../../fixtures';
import { model, onFreshPages, openDashboard, openSteered } from '../open_dashboard';
import { byId, press, text, type } from '../open_part';

vi.mock('../../../src/ui/charts/chart', () => import('../fake_chart'));
onFreshPages();

describe('tabs', () => {
  it('show a chart when chosen, by click or by arrow, and only those that were sent', async () => {
    const { host } = await openSteered();
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

describe('the axes of the model', () => {
  it('asks for another landscape, swapping rather than showing a parameter over itself', async () => {
    const { kernel, host } = await openDashboard({ ...snapshot, landscape });
    const [x, y] = [byId(host, 'select-x') as HTMLSelectElement, byId(host, 'select-y') as HTMLSelectElement];
    expect(Array.from(x.options, option => option.value)).toEqual(['lr', 'width', 'act']);
    expect([x.value, y.value]).toEqual(['lr', 'width']);
    type(x, 'act');
    type(y, 'act');
    expect(kernel.requests()).toEqual([
      { type: 'landscape', x: 'act', y: 'width' },
      { type: 'landscape', x: 'width', y: 'act' }
    ]);
  });

  it('keeps the parameters the user chose until the kernel has that landscape', async () => {
    const { host, update } = await openDashboard({ ...snapshot, landscape });
    const x = byId(host, 'select-x') as HTMLSelectElement;
    type(x, 'act');
    await update({}, { landscape });
    expect(x.value).toBe('act');
    await update({}, { landscape: { ...landscape, x: 'act' } });
    await update({}, { landscape });
    expect(x.value).toBe('lr');
  });

  it('shows the note of a landscape that could not be computed', async () => {
    const { host } = await openDashboard({
      ...snapshot,
      landscape: { ...landscape, mean: [], note: 'Random search has no model.' }
    });
    expect(text(host, 'chart-landscape')).toContain('Random search has no model.');
  });
});

describe('the model’s other parameters', () => {
  it('stand where they are put, and go back', async () => {
    const { kernel, host } = await openSteered();
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
    const { host } = await openSteered();
    type(byId(host, 'select-x'), 'act');
    await vi.advanceTimersByTimeAsync(300);
    const card = byId(host, 'select-x').closest('.jt-card');
    expect(card?.classList.contains('jt-pending')).toBe(true);
    await vi.advanceTimersByTimeAsync(overdue);
    expect((byId(host, 'select-x') as HTMLSelectElement).value).toBe('lr');
    expect(card?.classList.contains('jt-pending')).toBe(false);
  });

  it('is complained about until the values are put back', async () => {
    const { host } = await openSteered({}, { landscape: { ...model, x: 'act', at: { lr: 0.01 } } });
    type(byId(host, 'at-lr'), '0.02');
    type(byId(host, 'at-lr'), '7');
    const held = byId(host, 'at-lr').closest('.jt-held');
    expect(held?.textContent).toContain('lr: 7 lies outside');
    byId(host, 'at-reset').click();
    expect(held?.textContent).not.toContain('lr: 7');
  });

  it('shows choices that are numbers by the names they are chosen by', async () => {
    const decay = { name: 'decay', kind: 'categorical', choices: [1e-4, 0.123456] } as const;
    const { kernel, host, update } = await openSteered();
    kernel.traits = { ...kernel.traits, parameters: [...kernel.traits.parameters, decay] };
    await update({}, { landscape: { ...model, at: { decay: 1e-4 } } });
    expect((byId(host, 'at-decay') as HTMLSelectElement).value).toBe('0.0001');
  });
});
