import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DrawnAxes } from '../../../src/charts/live';
import { createLiveLayer, type LiveLayer } from '../../../src/ui/charts/live_layer';
import type { Store } from '../../../src/wire/store';
import { drawnAxes as axes, openStore, status, type TestKernel } from '../../fixtures';

const onBeyond = vi.fn();
let kernel: TestKernel;
let store: Store;
let layer: LiveLayer;
let place: DrawnAxes | null;

const curves = (): string[] => Array.from(layer.node.querySelectorAll('[data-trial] > path'), path => path.outerHTML);
const dots = (): (string | null)[] =>
  Array.from(layer.node.querySelectorAll('g[display=inline]'), end => end.getAttribute('transform'));

/** Trial 3 has one more reading. */
async function report(seq: number, step: number, value: number): Promise<void> {
  const trials = { number: [3], step: [step], last: [value] };
  const points = { number: [3], step: [step], value: [value] };
  kernel.deliver({ type: 'delta', seq, base: seq - 1, status, trials, points });
  layer.request();
  await vi.advanceTimersByTimeAsync(200);
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('IntersectionObserver', undefined);
  onBeyond.mockClear();
  ({ kernel, store } = openStore());
  place = axes;
  layer = createLiveLayer(document.body, store, () => place, onBeyond);
});
afterEach(() => {
  layer.dispose();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('createLiveLayer', () => {
  it('draws nothing before the chart is drawn, and nothing that cannot be placed', () => {
    layer.moved();
    expect(curves()).toEqual([]);
    layer.follow(store.tables);
    expect(dots()).toEqual(['translate(20,70)']);
    place = null;
    layer.moved();
    expect(curves()).toEqual([]);
  });

  it('draws what has come since, in the area of the axes, until the chart has it too', async () => {
    layer.follow(store.tables);
    await report(2, 3, 0.5);
    expect(curves()).toEqual(['<path d="M20,70L30,50"></path>']);
    expect(dots()).toEqual(['translate(30,50)']);
    expect(layer.node.firstElementChild?.outerHTML).toMatch(/^<svg x="40" y="20" width="100" height="100"/);
    layer.follow(store.tables);
    expect(curves()).toEqual(['<path d=""></path>']);
    layer.follow(null);
    expect(curves()).toEqual([]);
  });

  it('marks the selected trial', () => {
    layer.follow(store.tables);
    store.select(3);
    layer.moved();
    expect(layer.node.querySelector('.jt-live-selected')?.getAttribute('data-trial')).toBe('3');
  });

  it('says when a reading has no room on the axes', async () => {
    layer.follow(store.tables);
    await report(2, 3, 0.5);
    expect(onBeyond).not.toHaveBeenCalled();
    await report(3, 11, 0.5);
    expect(onBeyond).toHaveBeenCalled();
  });
});
