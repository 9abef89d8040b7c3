/** A study of the server in a list: what jupyter_tune/server/rows.py says of it. */
import { hasEnded, type Cell, type StudyState, type TrialState } from '../../wire/protocol';

export interface Row {
  /** The study's file, below the server's root. */
  readonly path: string;
  readonly name: string;
  readonly folder: string;
  /** '' for a file that cannot be read; `error` says why. */
  readonly state: StudyState | '';
  readonly error: string | null;
  /** Why it ended, or stops. */
  readonly reason: string;
  readonly trials: number;
  /** Trials that have ended and count against the budget. */
  readonly done: number;
  readonly budget: number | null;
  readonly running: number;
  readonly counts: Readonly<Partial<Record<TrialState, number>>>;
  readonly metric: string;
  readonly direction: 'maximize' | 'minimize' | '';
  readonly best: number | string | null;
  readonly best_trial: number | null;
  readonly best_params: Readonly<Record<string, Cell>> | null;
  /** The live trial that is ahead, before one is complete. */
  readonly leader: { readonly trial: number; readonly value: number } | null;
  /** The best value so far, from the first to the last trial. */
  readonly spark: readonly number[];
  readonly further: readonly string[];
  readonly front: number;
  readonly opened_at: number | null;
  readonly changed_at: number | null;
  readonly is_detached: boolean;
  readonly tags: Readonly<Record<string, unknown>>;
  /** The notebook that began it, below the server's root. */
  readonly notebook: string | null;
  readonly kind: string;
  readonly eta_s: number | null;
}

/** Whether a driver runs it now. */
export function isLive({ state }: Row): boolean {
  return state !== '' && !hasEnded(state);
}

/** Those that run first, then those that have changed last. */
export function inOrder(rows: Iterable<Row>): Row[] {
  return [...rows].sort(
    (a, b) =>
      Number(isLive(b)) - Number(isLive(a)) || (b.changed_at ?? 0) - (a.changed_at ?? 0) || (a.path < b.path ? -1 : 1)
  );
}
