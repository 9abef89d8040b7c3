/** A row of the list, as the server tells it. */
import type { Row } from '../../../src/lab/served/row';

export const row: Row = {
  path: 'studies/digits.tune.db',
  name: 'digits',
  folder: 'studies',
  state: 'running',
  error: null,
  reason: '',
  trials: 14,
  done: 12,
  budget: 60,
  running: 2,
  counts: { complete: 8, pruned: 3, failed: 1, running: 2 },
  metric: 'accuracy',
  direction: 'maximize',
  best: 0.97333,
  best_trial: 4,
  best_params: { lr: 0.01 },
  leader: null,
  spark: [0.9, 0.97333],
  further: [],
  front: 0,
  opened_at: 100,
  changed_at: 200,
  is_detached: false,
  tags: {},
  notebook: 'digits.ipynb',
  kind: 'cell',
  eta_s: 120
};
