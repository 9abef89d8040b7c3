/** The words the kernel and the page exchange: synced traits, messages down (facts) and messages up (wishes). */

export type Cell = number | string | boolean | null;
export type Choice = Cell;

/** A column on the wire: plain values, raw little-endian float64, or the place of such bytes among the buffers. */
export type Column = readonly Cell[] | ArrayBufferView | { readonly buffer: number };
export type Columns = Readonly<Record<string, Column>>;

export type TrialState = 'waiting' | 'running' | 'complete' | 'pruned' | 'failed' | 'cancelled';
export type StudyState = 'starting' | 'running' | 'paused' | 'stopping' | 'ended' | 'lost';

export interface Parameter {
  readonly name: string;
  readonly kind: 'float' | 'int' | 'categorical' | 'constant';
  readonly low?: number | null;
  readonly high?: number | null;
  readonly log?: boolean | null;
  readonly reverse_log?: boolean | null;
  readonly step?: number | null;
  readonly choices?: readonly Choice[] | null;
  readonly ordered?: boolean | null;
  readonly default?: Choice;
}

/** `[low, high]` for numbers, the allowed choices for categoricals. */
export type Range = readonly Choice[];

export interface Status {
  readonly state: StudyState;
  readonly name: string;
  readonly metric: string;
  readonly direction: 'maximize' | 'minimize';
  readonly trials: number | null;
  readonly counts: Readonly<Record<TrialState, number>>;
  readonly best: BestTrial | null;
  readonly elapsed_s: number;
  readonly eta_s: number | null;
  readonly workers: number;
  readonly steps_done: number;
  readonly steps_full: number | null;
  readonly reason: string;
  readonly revision: number;
  readonly ranges: Readonly<Record<string, Range>>;
}

export interface BestTrial {
  readonly number: number;
  readonly value: number;
  readonly params: Readonly<Record<string, Cell>>;
}

/** A grid over two parameters; the rows of mean, deviation and acquisition follow y. */
export interface Landscape {
  readonly x: string;
  readonly y: string;
  readonly x_values: readonly Cell[];
  readonly y_values: readonly Cell[];
  readonly x_type: string;
  readonly y_type: string;
  readonly mean: readonly (readonly (number | null)[])[];
  readonly deviation: readonly (readonly (number | null)[])[];
  readonly acquisition: readonly (readonly (number | null)[])[];
  readonly trials: { readonly x: readonly Cell[]; readonly y: readonly Cell[]; readonly number: readonly number[] };
  readonly best: { readonly x: Cell; readonly y: Cell } | null;
  readonly note: string;
}

export interface Snapshot {
  readonly seq: number;
  readonly status: Status;
  readonly trials: Columns;
  readonly points: Columns;
  readonly landscape: Landscape | null;
}

export interface Delta {
  readonly seq: number;
  readonly base: number;
  readonly status: Status;
  readonly trials?: Columns;
  readonly points?: Columns;
  readonly drop_points?: readonly number[];
  readonly landscape?: Landscape | null;
}

export type KernelMessage =
  | ({ readonly type: 'delta' } & Delta)
  | ({ readonly type: 'snapshot' } & Snapshot)
  | { readonly type: 'log'; readonly trial: number; readonly text: string; readonly error: string }
  | { readonly type: 'notice'; readonly level: 'info' | 'error'; readonly text: string };

export type PageMessage =
  | { readonly type: 'stop' | 'pause' | 'resume' | 'snapshot' }
  | { readonly type: 'narrow'; readonly ranges: Readonly<Record<string, Range>> }
  | { readonly type: 'landscape'; readonly x: string; readonly y: string }
  | { readonly type: 'log'; readonly trial: number };

/** A Plotly figure whose arrays may be references to the tables (see template.ts). */
export interface Template {
  readonly data: readonly unknown[];
  readonly layout: Readonly<Record<string, unknown>>;
}
export type ChartName = 'history' | 'curves' | 'landscape_mean' | 'landscape_deviation' | 'landscape_acquisition';
export type Templates = Readonly<Partial<Record<ChartName, Template>>>;
