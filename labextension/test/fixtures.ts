/** A small study for the tests: what the kernel would send, and a kernel that remembers what it was sent. */
import type { DrawnAxes } from '../src/charts/live';
import type {
  ChartTab,
  Instead,
  KernelMessage,
  Landscape,
  PageMessage,
  Parameter,
  Snapshot,
  Status,
  Template,
  Templates
} from '../src/wire/protocol';
import { Store, type Kernel } from '../src/wire/store';

export const parameters: readonly Parameter[] = [
  { name: 'lr', kind: 'float', low: 1e-4, high: 1e-1, log: true, default: 1e-2 },
  { name: 'width', kind: 'int', low: 10, high: 20, default: 16 },
  { name: 'act', kind: 'categorical', choices: ['relu', 'tanh'], default: 'relu' },
  { name: 'seed', kind: 'constant', default: 0 }
];

export const status: Status = {
  state: 'running',
  name: 'mnist',
  metric: 'accuracy',
  direction: 'maximize',
  trials: 10,
  counts: { waiting: 0, running: 1, complete: 1, pruned: 1, failed: 1, cancelled: 0 },
  best: { number: 0, value: 0.9, params: { lr: 0.01, width: 16, act: 'relu' } },
  elapsed_s: 80,
  eta_s: 82,
  workers: 2,
  steps_done: 6,
  shown: 4,
  queue: [],
  errors: [],
  max_steps: 27,
  steps_full: 12,
  reason: '',
  revision: 0,
  ranges: { lr: [1e-4, 1e-1], width: [10, 20], act: ['relu', 'tanh'] }
};

export const snapshot: Snapshot = {
  seq: 1,
  status,
  trials: {
    number: [0, 1, 2, 3],
    state: ['complete', 'pruned', 'failed', 'running'],
    value: [0.9, 0.5, null, null],
    best: [0.9, 0.9, 0.9, 0.9],
    last: [0.9, 0.5, null, 0.3],
    step: [3, 1, null, 2],
    duration_s: [30, 9.5, 0.4, 12],
    source: ['default', 'sobol', 'sobol', 'gp'],
    error: ['', '', 'ValueError: boom', ''],
    'p:lr': [0.01, 0.05, 0.002, 0.03],
    'p:act': ['relu', 'tanh', 'relu', null]
  },
  points: { number: [0, 0, 0, 1, 3, 3], step: [1, 2, 3, 1, 1, 2], value: [0.4, 0.7, 0.9, 0.5, 0.2, 0.3] },
  landscape: null
};

export const landscape: Landscape = {
  x: 'lr',
  y: 'width',
  x_values: [0.001, 0.1],
  y_values: [10, 20],
  x_axis: { type: 'log', on: null },
  y_axis: { type: 'linear', on: null },
  mean: [
    [0, 1],
    [1, 0]
  ],
  deviation: [],
  acquisition: [],
  trials: { x: [], y: [], number: [] },
  best: null,
  note: 'act = relu'
};

/** A chart of one trace, in a tab that stands at this place; in none without one. */
function chart(y: object, tab?: Partial<ChartTab>): Template {
  const meta = tab && { tab: { label: tab.id, title: '', of: 'results', option: [], ...tab } };
  return { data: [{ y, name: 'running' }], layout: { ...(meta && { meta }) } };
}

const trials = { $column: 'trials.value' };
const model = { $landscape: 'mean' };
const surface = (label: string): Template =>
  chart(model, { id: 'landscape', of: 'plane', option: [label, ''], at: label === 'Mean' ? 2 : 3 });
export const templates: Templates = {
  contour: chart(model, { id: 'contour', of: 'plane', at: 5 }),
  curves: chart({ $column: 'points.value' }),
  edf: chart(trials, { id: 'distribution', at: 7 }),
  history: chart(trials),
  landscape_acquisition: surface('Acquisition'),
  landscape_deviation: surface('Uncertainty'),
  landscape_mean: surface('Mean'),
  slice_x: chart(model, { id: 'slices', of: 'model', at: 4 }),
  slice_y: chart(model, { id: 'slices', of: 'model', at: 4 }),
  timeline: chart({ $column: 'trials.start_s', until: 'status.elapsed_s' }, { id: 'timeline', of: 'times', at: 6 })
};

export class TestKernel implements Kernel {
  readonly sent: PageMessage[] = [];
  traits = { parameters, templates, snapshot };
  private onMessage: (message: KernelMessage, buffers: readonly ArrayBufferView[]) => void = () => undefined;
  private onTraits: () => void = () => undefined;
  private offered: Instead = {};

  constructor(first: Snapshot = snapshot) {
    this.traits = { parameters, templates, snapshot: first };
  }
  parameters(): readonly Parameter[] {
    return this.traits.parameters;
  }
  templates(): Templates {
    return this.traits.templates;
  }
  snapshot(): Snapshot {
    return this.traits.snapshot;
  }
  send(message: PageMessage): void {
    this.sent.push(message);
  }
  listen(onMessage: typeof this.onMessage, onTraits: () => void): () => void {
    this.onMessage = onMessage;
    this.onTraits = onTraits;
    return () => {
      this.onMessage = () => undefined;
    };
  }
  deliver(message: KernelMessage, ...buffers: ArrayBufferView[]): void {
    this.onMessage(message, buffers);
  }
  /** The cell was run again, and can start another study of this name. */
  offer(name: string, edited?: boolean): void {
    this.offered = { name, ...(edited && { edited }) };
    this.onTraits();
  }
  instead(): Instead {
    return this.offered;
  }
  changeTables(next: Snapshot): void {
    this.traits = { ...this.traits, snapshot: next };
    this.onTraits();
  }
  /** The messages sent after the first request for a snapshot, which opening always makes. */
  requests(): PageMessage[] {
    return this.sent.filter(({ type }) => type !== 'snapshot');
  }
}

export function openStore(first: Snapshot = snapshot): { kernel: TestKernel; store: Store } {
  const kernel = new TestKernel(first);
  return { kernel, store: new Store(kernel) };
}

export function float64(...values: number[]): DataView {
  return new DataView(new Float64Array(values).buffer);
}

/** Of a chart as it is drawn: ten pixels a step, and a value of 1 on the upper edge. */
export const drawnAxes: DrawnAxes = {
  left: 40,
  top: 20,
  width: 100,
  height: 100,
  x: step => 10 * step,
  y: value => 100 - 100 * value,
  follows: { x: true, y: true }
};
