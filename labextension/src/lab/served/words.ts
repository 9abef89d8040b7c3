/** A study of the list in words. */
import { formatNumber, formatTimeLeft } from '../../params/format';
import { isLive, type Row } from './row';

/** Trials that have to fail, of those that have ended, before a study is said to keep failing. */
export const FAILING_TRIALS = 3;
const FAILING_SHARE = 0.5;

/** 0.9733 accuracy; the leader's reading while no trial is complete; '' before the first. */
export function bestInWords(row: Row): string {
  if (row.front > 0) return `${row.front} on the front of ${[row.metric, ...row.further].join(', ')}`;
  if (typeof row.best === 'number') return `${row.metric} ${formatNumber(row.best)}`;
  if (row.leader) return `${row.metric} ${formatNumber(row.leader.value)} so far`;
  return '';
}

/** 12 of 60 trials, 4 running, about 2 min left. */
export function progressInWords(row: Row): string {
  if (row.error !== null) return row.error;
  const { done, budget, running, eta_s } = row;
  const failed = row.counts.failed ?? 0;
  const of = budget === null ? `${done}` : `${done} of ${budget}`;
  const trials = `${of} ${(budget ?? done) === 1 ? 'trial' : 'trials'}`;
  return [
    trials,
    running > 0 ? `${running} running` : '',
    failed > 0 ? `${failed} failed` : '',
    eta_s === null || !isLive(row) ? '' : formatTimeLeft(eta_s)
  ]
    .filter(Boolean)
    .join(', ');
}

/** How far it is, 0 to 1; null without a budget. */
export function shareDone({ done, budget }: Row): number | null {
  return budget ? Math.min(1, done / budget) : null;
}

/** Whether half of the trials that have ended failed, and not only one or two. */
export function keepsFailing({ counts, done }: Row): boolean {
  const failed = counts.failed ?? 0;
  return failed >= FAILING_TRIALS && failed >= FAILING_SHARE * Math.max(done, failed);
}

/** For the status bar: 2 studies, 4 trials running; of one study its best too. */
export function statusInWords(rows: readonly Row[]): string {
  const live = rows.filter(isLive);
  const [first] = live;
  if (!first) return '';
  const running = live.reduce((sum, row) => sum + row.running, 0);
  const trials = `${running} ${running === 1 ? 'trial' : 'trials'} running`;
  const best = bestInWords(first);
  if (live.length > 1) return `${live.length} studies, ${trials}`;
  // between two trials none runs
  const standing = first.state === 'paused' ? 'paused' : running > 0 ? trials : progressInWords(first);
  return [`${first.name}: ${standing}`, best].filter(Boolean).join(' · ');
}

/** 42 %, of all that run and know their end; null where none does. */
export function percentDone(rows: readonly Row[]): number | null {
  const known = rows.filter(row => isLive(row) && row.budget);
  const all = known.reduce((sum, { budget }) => sum + (budget ?? 0), 0);
  return all > 0 ? Math.floor((100 * known.reduce((sum, { done }) => sum + done, 0)) / all) : null;
}

/** Digits 0.97 (accuracy), after 60 trials: ended. */
export function endInWords(row: Row): string {
  const best = bestInWords(row);
  const why = row.state === 'interrupted' ? 'was interrupted' : row.reason ? `has ended: ${row.reason}` : 'has ended';
  return `Study ${row.name} ${why}.${best ? ` Best ${best}.` : ''}`;
}
