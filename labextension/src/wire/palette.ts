/** One colour per state, everywhere. Okabe and Ito's palette: told apart with every common colour vision. */
import contract from './contract.json';
import type { StudyState, TrialState } from './protocol';

/** What a trial's state is called: one that ran when its study was interrupted runs no more, and has not ended. */
export type ShownState = TrialState | 'unfinished';

export const STATE_COLOURS: Readonly<Record<ShownState, string>> = {
  ...contract.states,
  unfinished: contract.states.running
};

/** The order in which states stand in bars and legends: settled first, then what is still open. */
export const STATE_ORDER: readonly TrialState[] = ['complete', 'pruned', 'failed', 'cancelled', 'running', 'waiting'];

export function shownState(state: TrialState, study: StudyState): ShownState {
  return state === 'running' && study === 'interrupted' ? 'unfinished' : state;
}
