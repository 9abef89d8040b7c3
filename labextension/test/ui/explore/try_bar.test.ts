import { describe, expect, it, vi } from 'vitest';
import { drawn } from '../fake_chart';
import { drawnAll, model, onFreshPages, openSteered } from '../open_dashboard';
import { byId } from '../open_part';

vi.mock('../../../src/ui/charts/chart', () => import('../fake_chart'));
onFreshPages();

describe('a click on the plane', () => {
  it('offers the spot, and asks for it on a second click', async () => {
    const { kernel, host, hit } = await openSteered();
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
    const { kernel, host, hit, update } = await openSteered();
    kernel.traits = { ...kernel.traits, parameters: declared };
    await update({}, { landscape: plane });
    await drawnAll();
    await hit('chart-landscape', { kind: 'spot', column: 1, row: 1, x: 0.75, y: 0.4 });
    expect(drawn.at(-1)?.figure.data.at(-1)).toMatchObject({ x: [0.75], y: [0.375] });
    byId(host, 'try-here').click();
    expect(kernel.requests()).toEqual([{ type: 'enqueue', params: { beta: 0.999, clip: null } }]);
  });

  it('leaves no cross behind when the offer has gone', async () => {
    const { host, hit, update } = await openSteered();
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
    const { host, hit } = await openSteered({ state: 'ended' });
    await hit('chart-landscape', { kind: 'spot', column: 0, row: 1, x: 0.003, y: 17 });
    expect(byId(host, 'try-here').parentElement?.hidden).toBe(true);
  });
});
