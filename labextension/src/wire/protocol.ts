/** The words the kernel and the page exchange: synced traits, messages down (facts) and messages up (requests). */

import type contract from './contract.json';

export type Cell = number | string | boolean | null;

/** A column on the wire: plain values, raw little-endian float64, or the place of such bytes among the buffers. */
export type Column = readonly Cell[] | ArrayBufferView | { readonly buffer: number };
export type Columns = Readonly<Record<string, Column>>;

/** A scale of numbers, or choices each in the middle of its share: see views/axes/scale.py. */
export interface Axis {
  readonly column?: string;
  readonly low?: number;
  readonly high?: number;
  readonly scale?: 'linear' | 'log' | 'reverse_log';
  readonly choices?: readonly Cell[];
}

export type TrialState = keyof (typeof contract)['states'];
export type StudyState = 'starting' | 'running' | 'paused' | 'stopping' | 'ended' | 'interrupted';

export function hasEnded(state: StudyState): boolean {
  return state === 'ended' || state === 'interrupted';
}

export interface Parameter {
  readonly name: string;
  readonly kind: 'float' | 'int' | 'categorical' | 'constant';
  readonly low?: number | null;
  readonly high?: number | null;
  readonly log?: boolean | null;
  readonly reverse_log?: boolean | null;
  readonly step?: number | null;
  readonly choices?: readonly Cell[] | null;
  readonly ordered?: boolean | null;
  readonly default?: Cell;
}

/** `[low, high]` for numbers, the allowed choices for categoricals. */
export type Range = readonly Cell[];

export interface Objective {
  readonly metric: string;
  readonly direction: 'maximize' | 'minimize';
}

export interface Status {
  readonly state: StudyState;
  readonly name: string;
  readonly metric: string;
  readonly direction: 'maximize' | 'minimize';
  /** What it is after and subject to, in words. */
  readonly aim?: string;
  /** All metrics that it is after, the first one first. */
  readonly objectives?: readonly Objective[];
  /** How many trials stand on the front of several metrics. */
  readonly front?: number;
  /** How many complete trials violate a constraint. */
  readonly infeasible?: number;
  /** What it has found where there is no best trial: several metrics, or nothing feasible. */
  readonly found?: string;
  readonly trials: number | null;
  readonly counts: Readonly<Record<TrialState, number>>;
  /** How many trials that count against the budget have ended. */
  readonly done?: number;
  readonly best: BestTrial | null;
  /** While no trial is complete: the best so far of those that run, or else were pruned. */
  readonly leader?: Leader | null;
  /** How many trials ended with NaN or an infinity for a value. */
  readonly nonfinite?: number;
  /** How many rows the trials table has; fewer than the trials of a large study. */
  readonly shown?: number;
  /** What was asked for and is not suggested yet, next first. */
  readonly queue?: readonly Queued[];
  /** The most frequent errors, each with the first trials that ended so. */
  readonly errors?: readonly ErrorGroup[];
  readonly max_steps?: number | null;
  readonly elapsed_s: number;
  readonly eta_s: number | null;
  /** The ends of the 80 % band of eta_s. */
  readonly eta_low_s?: number | null;
  readonly eta_high_s?: number | null;
  readonly workers: number;
  readonly steps_done: number;
  readonly steps_full: number | null;
  readonly reason: string;
  readonly revision: number;
  readonly ranges: Readonly<Record<string, Range>>;
  /** The ranges around the best trials; empty before there are enough of them. */
  readonly around_best?: Readonly<Record<string, Range>>;
  /** Of the study, each in words; up to its first = it is the name. */
  readonly tags?: readonly string[];
  readonly note?: string;
  /** How much better the best may be after so many more trials, in units of the metric; null where it is not known. */
  readonly gain?: Gain | null;
}

export interface Gain {
  readonly trials: number;
  readonly mean: number;
  /** The ends of an 80 % band. */
  readonly low: number;
  readonly high: number;
}

export interface BestTrial {
  readonly number: number;
  readonly value: number;
  readonly params: Params;
  /** The params as Python writes them. */
  readonly literal?: string;
  /** How far its value may be off, in words. */
  readonly spread?: string;
  /** When it ended, in seconds since the study was opened. */
  readonly at_s?: number | null;
  /** "NAME, trial 12" where an earlier study ran it. */
  readonly ran_as?: string;
}

export interface Leader {
  readonly number: number;
  readonly value: number;
  readonly state: TrialState;
  readonly params: Params;
}

export type Params = Readonly<Record<string, Cell>>;

export interface Queued {
  /** The journal's number of the request, by which it is taken back. */
  readonly seq: number;
  readonly params: Params;
}

export interface ErrorGroup {
  readonly text: string;
  readonly count: number;
  readonly trials: readonly number[];
  /** The line of the tuning cell that raised it: "line 8: model.fit(x)"; empty where it is not known. */
  readonly where?: string;
}

/** `on`: where Plotly has no axis for the parameter, the scale whose places from 0 to 1 are drawn in its stead. */
export interface ParameterAxis {
  readonly type: 'linear' | 'log';
  readonly on: Axis | null;
}

/** A grid over two parameters; the rows of mean, deviation and acquisition follow y, which a study of one has not. */
export interface Landscape {
  readonly x: string;
  readonly y: string | null;
  readonly x_values: readonly Cell[];
  readonly y_values: readonly Cell[];
  /** How charts draw along x and y; a study of one parameter has no y. */
  readonly x_axis?: ParameterAxis | null;
  readonly y_axis?: ParameterAxis | null;
  readonly mean: readonly (readonly (number | null)[])[];
  readonly deviation: readonly (readonly (number | null)[])[];
  readonly acquisition: readonly (readonly (number | null)[])[];
  readonly trials: { readonly x: readonly Cell[]; readonly y: readonly Cell[]; readonly number: readonly number[] };
  readonly best: { readonly x: Cell; readonly y: Cell } | null;
  readonly note: string;
  /** The values at which the parameters other than x and y stand. */
  readonly at?: Params;
  /** What the next trial is likely to gain, in units of the metric. */
  readonly gain?: { readonly value: number; readonly note: string } | null;
  readonly importances?: { readonly names: readonly string[]; readonly note?: string } | null;
  /** What the results say about the set-up. */
  readonly advice?: readonly Finding[];
  readonly slice_x?: Slice;
  readonly slice_y?: Slice;
}

/** A finding about a study; see core/advice/finding.py. */
export interface Finding {
  readonly kind: string;
  readonly text: string;
  /** A line of code or of options. */
  readonly remedy: string;
  /** What goes with it, in words. */
  readonly more: string;
  /** What acting on it does to the running study; empty where the remedy is for the next one. */
  readonly act: string;
  readonly ranges: Readonly<Record<string, Range>>;
}

export interface Slice {
  readonly values: readonly Cell[];
}

/** Lines of a notebook that bring a study back, by what they do. */
export interface Ways {
  readonly load?: string;
  readonly show?: string;
  readonly resume?: string;
  /** The call that goes on with a study which no cell has started. */
  readonly again?: string;
}

/** What the cell that was run again can start in place of its study: `name` is one that no study has. */
export interface Instead {
  readonly name?: string;
  /** Whether the study can go on with the cell, whose code is another one by now. */
  readonly edited?: boolean;
}

/** The newest picture of a study by mime type, for the notebook's file; see pictures.py. */
export type Picture = Readonly<Record<string, unknown>>;

export interface Snapshot {
  readonly seq: number;
  readonly status: Status;
  readonly trials: Columns;
  readonly points: Columns;
  readonly events?: Columns;
  readonly landscape: Landscape | null;
}

export interface Delta {
  readonly seq: number;
  readonly base: number;
  readonly status: Status;
  readonly trials?: Columns;
  readonly drop_trials?: readonly number[];
  readonly points?: Columns;
  readonly drop_points?: readonly number[];
  readonly events?: Columns;
  readonly landscape?: Landscape | null;
}

/** A GPU of a slot; null is unknown. */
export interface GpuUse {
  /** The number in nvidia-smi. */
  readonly index: string;
  /** In percent. */
  readonly utilization: number | null;
  /** Memory in use and in all, in bytes. */
  readonly used: number | null;
  readonly memory: number | null;
}

/** What the study has of its machine now. */
export interface Machine {
  /** What trials wait for, in words; empty if none waits. */
  readonly waits_for: string;
  /** The GPUs of each slot in use. */
  readonly slots: Readonly<Record<string, readonly GpuUse[]>>;
}

export type KernelMessage =
  | ({ readonly type: 'delta' } & Delta)
  | ({ readonly type: 'snapshot' } & Snapshot)
  | { readonly type: 'log'; readonly trial: number; readonly text: string; readonly error: string }
  | ({ readonly type: 'machine' } & Machine)
  /** Sent about once a second where there is no news. */
  | { readonly type: 'alive' }
  | { readonly type: 'notice'; readonly level: 'info' | 'error'; readonly text: string };

type Requests = (typeof contract)['requests'];
export type RequestName = keyof Requests;

/** What the fields of requests hold; the contract has which request has which. */
interface RequestFields {
  readonly name: string;
  readonly of: number | null;
  readonly params: Params;
  readonly ranges: Readonly<Record<string, Range>>;
  readonly seq: number;
  readonly state: 'pruned' | 'cancelled';
  readonly tag: string;
  readonly text: string;
  readonly trial: number;
  readonly trials: number | null;
  readonly which: number | 'failed';
  readonly workers: number;
  readonly x: string;
  readonly y: string;
}

/** What may be missing. */
interface OptionalFields {
  readonly at: Params;
  readonly edited: boolean;
  readonly target: string;
  readonly was: Readonly<Record<string, Range>>;
}

/** A request of each name, with the fields that the contract gives it. */
export type PageMessage = {
  readonly [Name in RequestName]: { readonly type: Name } & {
    readonly [Field in Exclude<keyof Requests[Name], keyof OptionalFields>]: Field extends keyof RequestFields
      ? RequestFields[Field]
      : unknown;
  } & { readonly [Field in keyof Requests[Name] & keyof OptionalFields]?: OptionalFields[Field] };
}[RequestName];

/** A Plotly figure whose arrays may be references to the tables (see charts/template.ts). */
export interface Template {
  readonly data: readonly unknown[];
  readonly layout: Readonly<Record<string, unknown>>;
}
export type Templates = Readonly<Record<string, Template>>;

/** Where the page shows a chart: `layout.meta.tab` of its template. */
export interface ChartTab {
  readonly id: string;
  readonly label: string;
  readonly title: string;
  /** What the chart is drawn from. */
  readonly of: string;
  /** Label and title of what chooses this chart, where its tab shows one at a time; else empty. */
  readonly option: readonly string[];
  /** Tabs stand by it from left to right. */
  readonly at: number;
}
