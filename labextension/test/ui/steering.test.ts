/** What a person does to a study from the page, in one dashboard. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Landscape, Snapshot, Status } from '../../src/core/protocol';
import type { Figure, Hit } from '../../src/ui/chart';
import { mountDashboard } from '../../src/ui/dashboard';
import { openStore, snapshot, status } from '../fixtures';
import { byId, press, text } from './page';

const drawn: { figure: Figure; selected: number | null }[] = [];
const hits: { plot: HTMLElement; hit: (hit: Hit) => void }[] = [];
vi.mock('../../src/ui/chart', () => ({
  createChart: (node: HTMLElement, hit: (hit: Hit) => void) => {
    hits.push({ plot: node, hit });
    return {
      node,
      draw: (figure: Figure, selected: number | null) => drawn.push({ figure, selected }),
      dispose: () => undefined
    };
  }
}));

const landscape: Landscape = {
  x: 'lr',
  y: 'width',
  x_values: [0.001, 0.1],
  y_values: [10, 20],
  x_type: 'log',
  y_type: 'linear',
  mean: [
    [0, 1],
    [1, 0]
  ],
  deviation: [],
  acquisition: [],
  trials: { x: [], y: [], number: [] },
  best: null,
  note: 'the rest as in trial 0',
  at: { act: 'relu' },
  gain: { value: 0.0031, note: 'expected improvement' },
  slice_x: { values: [0.001, 0.1] },
  slice_y: { values: [10, 20] }
};
const events = {
  seq: [11, 14, 17],
  at_s: [5, 8, 70],
  trial: [1, 2, 3],
  kind: ['narrow', 'enqueue', 'halt'],
  text: ['lr narrowed to 0.001 – 0.01', 'asked for lr = 0.004', '<b>trial 2</b> pruned'],
  undoable: [true, true, false]
};

const close: (() => void)[] = [];
function open(fields: Partial<Status> = {}) {
  const first: Snapshot = { ...snapshot, landscape, events, status: { ...status, ...fields } };
  const { kernel, store } = openStore(first);
  const host = document.createElement('div');
  document.body.append(host);
  close.push(mountDashboard(host, store));
  const hit = (testid: string, what: Hit): void => {
    hits.find(({ plot }) => byId(host, testid).contains(plot))?.hit(what);
    vi.advanceTimersByTime(300);
  };
  return { kernel, store, host, hit };
}
const type = (field: HTMLElement, value: string): void => {
  (field as HTMLInputElement).value = value;
  field.dispatchEvent(new Event('change', { bubbles: true }));
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('IntersectionObserver', undefined);
  document.body.replaceChildren();
  drawn.length = 0;
  hits.length = 0;
});
afterEach(() => {
  for (const unmount of close.splice(0)) unmount();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('selection', () => {
  it('marks a trial clicked in one chart in every chart, in the table and in the detail; Escape clears it', () => {
    const { store, host, hit } = open();
    hit('chart-history', { kind: 'trial', trial: 0 });
    expect(store.selected).toBe(0);
    expect(drawn.slice(-3).map(({ selected }) => selected)).toEqual([0, 0, 0]);
    expect(byId(host, 'trial-0').classList.contains('jt-row-open')).toBe(true);
    expect(text(host, 'detail')).toContain('Trial 0');
    press(byId(host, 'detail'), 'Escape');
    vi.advanceTimersByTime(300);
    expect(store.selected).toBeNull();
    expect(byId(host, 'detail').hidden).toBe(true);
    expect(drawn.at(-1)?.selected).toBeNull();
  });

  it('is what the best value and the errors lead to', () => {
    const { store, host } = open({ errors: [{ text: '<b>boom</b>', count: 2, trials: [2] }] });
    byId(host, 'best-trial').click();
    expect(store.selected).toBe(0);
    expect(text(host, 'errors')).toContain('2 ×<b>boom</b>trial2');
    byId(host, 'errors').querySelector('button')?.click();
    expect(store.selected).toBe(2);
  });
});

describe('a click on the plane', () => {
  it('offers the spot, and asks for it on a second click', () => {
    const { kernel, host, hit } = open();
    hit('chart-landscape', { kind: 'spot', column: 0, row: 1, x: 0.0031234, y: 17.8 });
    expect(byId(host, 'try-here').parentElement?.textContent).toContain('Try lr = 0.00312, width = 18 next?');
    expect(drawn.at(-1)?.figure.data.at(-1)).toMatchObject({ x: [0.00312], y: [18] });
    expect(kernel.wishes()).toEqual([]);
    byId(host, 'try-here').click();
    expect(kernel.wishes()).toEqual([{ type: 'enqueue', params: { lr: 0.00312, width: 18 } }]);
    expect(byId(host, 'try-here').parentElement?.hidden).toBe(true);
  });

  it('offers nothing once the study has ended', () => {
    const { host, hit } = open({ state: 'ended' });
    hit('chart-landscape', { kind: 'spot', column: 0, row: 1, x: 0.003, y: 17 });
    expect(byId(host, 'try-here').parentElement?.hidden).toBe(true);
  });
});

describe('the model’s other parameters', () => {
  it('stand where they are put, and go back', () => {
    const { kernel, host } = open();
    expect((byId(host, 'at-act') as HTMLSelectElement).value).toBe('relu');
    type(byId(host, 'at-act'), 'tanh');
    byId(host, 'at-reset').click();
    expect(kernel.wishes()).toEqual([
      { type: 'landscape', x: 'lr', y: 'width', at: { act: 'tanh' } },
      { type: 'landscape', x: 'lr', y: 'width' }
    ]);
  });
});

describe('tabs', () => {
  it('show a chart when chosen, by click or by arrow, and only those that were sent', () => {
    const { host } = open();
    expect(byId(host, 'tab-importances').hidden).toBe(true);
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

describe('the budget', () => {
  it('is sent as a whole when a field is left, and shown as asked for until it is answered', () => {
    const { kernel, host } = open();
    type(byId(host, 'budget-trials'), '25');
    type(byId(host, 'budget-workers'), '3');
    type(byId(host, 'budget-trials'), '');
    expect(kernel.wishes()).toEqual([
      { type: 'budget', trials: 25, workers: 2 },
      { type: 'budget', trials: 25, workers: 3 },
      { type: 'budget', trials: null, workers: 3 }
    ]);
    vi.advanceTimersByTime(6000);
    expect((byId(host, 'budget-trials') as HTMLInputElement).value).toBe('10');
  });

  it('is not sent below what is spent', () => {
    const { kernel, host } = open();
    type(byId(host, 'budget-trials'), '2');
    type(byId(host, 'budget-workers'), '0');
    expect(kernel.wishes()).toEqual([]);
  });
});

describe('what was changed', () => {
  it('is listed, newest first, as text; the newest that can be is taken back by Undo', () => {
    const { kernel, host } = open();
    const changed = byId(host, 'changes');
    expect(changed.textContent).toContain('What was changed (3)');
    expect(changed.querySelector('li')?.textContent).toBe('1 min 10 s<b>trial 2</b> pruned');
    expect(byId(host, 'undo').title).toBe('Undo: asked for lr = 0.004');
    byId(host, 'undo').click();
    expect(kernel.wishes()).toEqual([{ type: 'undo', seq: 14 }]);
  });
});

describe('next trials', () => {
  it('lists what was asked for, to be withdrawn', () => {
    const { kernel, host } = open({ queue: [{ seq: 14, params: { lr: 0.004 } }] });
    expect(text(host, 'queue')).toBe('yours, run nextlr = 0.004Withdraw');
    byId(host, 'queue').querySelector('button')?.click();
    expect(kernel.wishes()).toEqual([{ type: 'undo', seq: 14 }]);
  });

  it('adds a trial with the values given, or says why not', () => {
    const { kernel, host } = open();
    const form = byId(host, 'add-trial').querySelector('form');
    const submit = (): void => {
      form?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }));
    };
    submit();
    expect(text(host, 'add-trial')).toContain('Give at least one value.');
    (byId(host, 'add-lr') as HTMLInputElement).value = '3';
    submit();
    expect(text(host, 'add-trial')).toContain('lr: 3 lies outside the declared range');
    expect(kernel.wishes()).toEqual([]);
    (byId(host, 'add-lr') as HTMLInputElement).value = '0.003';
    (byId(host, 'add-act') as HTMLSelectElement).value = 'tanh';
    submit();
    expect(kernel.wishes()).toEqual([{ type: 'enqueue', params: { lr: 0.003, act: 'tanh' } }]);
    expect((byId(host, 'add-lr') as HTMLInputElement).value).toBe('');
  });
});

describe('typed ends of a range', () => {
  it('narrow it, kept inside what is declared', () => {
    const { kernel, host } = open();
    type(byId(host, 'range-lr-low-value'), '0.00123456');
    type(byId(host, 'range-width-high-value'), '99');
    type(byId(host, 'range-width-low-value'), 'many');
    expect(kernel.wishes()).toEqual([{ type: 'narrow', ranges: { lr: [0.00123456, 0.1] } }]);
  });
});

describe('the gain', () => {
  it('of the next trial is told while there is one', () => {
    expect(text(open().host, 'gain')).toBe('Likely gain of the next trial: 0.0031');
    expect(byId(open({ state: 'ended' }).host, 'gain').hidden).toBe(true);
  });
});
