/** One colour per state, everywhere. Okabe and Ito's palette: told apart with every common colour vision. */
import type { TrialState } from './protocol';

export const STATE_COLOURS: Readonly<Record<TrialState, string>> = {
  complete: '#0072B2',
  pruned: '#E69F00',
  failed: '#D55E00',
  running: '#009E73',
  waiting: '#A9B0B8',
  cancelled: '#7D848C'
};

/** The order in which states stand in bars and legends: settled first, then what is still open. */
export const STATE_ORDER: readonly TrialState[] = ['complete', 'pruned', 'failed', 'cancelled', 'running', 'waiting'];
