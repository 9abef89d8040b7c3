/** Dashboards on a page where everything is in sight, over fake charts and a clock that is moved by hand. */
import { afterEach, beforeEach, vi } from 'vitest';
import type { Snapshot, Status } from '../../src/wire/protocol';
import type { Store } from '../../src/wire/store';
import type { Hit } from '../../src/ui/charts/chart';
import { mountDashboard } from '../../src/ui/dashboard';
import { landscape, openStore, snapshot, status, type TestKernel } from '../fixtures';
import { clickable, drawn } from './fake_chart';
import { byId } from './open_part';

/** Longer than drawings rest. */
const A_DRAW_MS = 300;
const mounted: (() => void)[] = [];

export interface OpenDashboard {
  readonly kernel: TestKernel;
  readonly store: Store;
  readonly host: HTMLElement;
  readonly unmount: () => void;
  /** The kernel tells of another status, or of more. */
  readonly update: (fields: Partial<Status>, more?: Partial<Snapshot>) => Promise<void>;
  /** A click on the chart of this name. */
  readonly hit: (testid: string, what: Hit) => Promise<void>;
}

export async function openDashboard(first: Snapshot = snapshot): Promise<OpenDashboard> {
  const { kernel, store } = openStore(first);
  let seq = first.seq;
  const { host, unmount } = await mount(store);
  return {
    kernel,
    store,
    host,
    unmount,
    async update(fields, more = {}) {
      kernel.deliver({ type: 'snapshot', ...first, seq: ++seq, status: { ...first.status, ...fields }, ...more });
      await vi.advanceTimersByTimeAsync(A_DRAW_MS);
    },
    async hit(testid, what) {
      clickable.find(({ plot }) => byId(host, testid).contains(plot))?.hit(what);
      await vi.advanceTimersByTimeAsync(A_DRAW_MS);
    }
  };
}

export const model = {
  ...landscape,
  note: 'the rest as in trial 0',
  at: { act: 'relu' },
  gain: { value: 0.0031, note: 'expected improvement' },
  slice_x: { values: [0.001, 0.1] },
  slice_y: { values: [10, 20] }
};
export const events = {
  seq: [11, 14, 17],
  at_s: [5, 8, 70],
  trial: [1, 2, 3],
  kind: ['narrow', 'enqueue', 'halt'],
  text: ['lr narrowed to 0.001 – 0.01', 'asked for lr = 0.004', '<b>trial 2</b> pruned'],
  undoable: [true, true, false]
};

/** A study with a model and with changes, to be steered. */
export function openSteered(fields: Partial<Status> = {}, more: Partial<Snapshot> = {}): Promise<OpenDashboard> {
  return openDashboard({ ...snapshot, landscape: model, events, status: { ...status, ...fields }, ...more });
}

/** One more view of a store. */
export async function mount(store: Store): Promise<{ readonly host: HTMLElement; readonly unmount: () => void }> {
  const host = document.createElement('div');
  document.body.append(host);
  const unmount = mountDashboard(host, store);
  mounted.push(unmount);
  await vi.advanceTimersByTimeAsync(A_DRAW_MS);
  return { host, unmount };
}

/** What was asked for is drawn, and the draws have ended. */
export async function drawnAll(): Promise<void> {
  // a draw that a test lets last until the clock has moved on has a long rest after it
  await vi.advanceTimersByTimeAsync(10 * A_DRAW_MS);
}

/** Before and after every test of a file. */
export function onFreshPages(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('IntersectionObserver', undefined);
    document.body.replaceChildren();
    drawn.length = 0;
    clickable.length = 0;
  });
  afterEach(async () => {
    for (const unmount of mounted.splice(0)) unmount();
    await vi.advanceTimersByTimeAsync(A_DRAW_MS); // draws that are under way end
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
}
