/** What a chart says in words while there is nothing to draw; null where there is. */
import { hasEnded } from '../wire/protocol';
import { rowCount, type Tables } from '../wire/tables';

export type Missing = (tables: Tables) => string | null;

const TOO_EARLY = 'The model appears after the first trials finish.';
const NEVER_CAME = 'The study ended before there was a model.';

export const missingHistory: Missing = tables => missingValues(tables, 'The first finished trial will appear here.');

export const missingCurves: Missing = ({ points, status }) => {
  if (rowCount(points) > 0) return null;
  return hasEnded(status.state) ? 'No trial reported a step.' : 'Learning curves appear here as trials report steps.';
};

/** For charts over the results of trials. */
export const missingResults: Missing = tables => missingValues(tables, 'This chart appears with the first results.');

export const missingTimes: Missing = ({ trials, status }) => {
  if ((trials.start_s ?? []).some(start => start !== null)) return null;
  return hasEnded(status.state) ? 'No trial started.' : 'Trials appear here as they start.';
};

/** For charts of the model over the two chosen parameters. */
export const missingLandscape: Missing = tables => missingModel(tables, (tables.landscape?.mean.length ?? 0) > 0);

/** For charts of the model along each of them; a study of one parameter has the first. */
export const missingSlices: Missing = tables =>
  missingModel(tables, (tables.landscape?.slice_x?.values.length ?? 0) > 0);

export const missingImportances: Missing = tables => {
  const { landscape, status } = tables;
  if ((landscape?.importances?.names.length ?? 0) > 0) return null;
  return hasEnded(status.state) ? NEVER_CAME : 'Importances appear once the model has seen a few trials.';
};

export const missingDots: Missing = tables => missingModel(tables, (tables.landscape?.trials.number.length ?? 0) > 0);

function missingModel({ landscape, status }: Tables, present: boolean): string | null {
  if (present) return null;
  if (landscape && landscape.note !== '') return sentence(landscape.note);
  return hasEnded(status.state) ? NEVER_CAME : TOO_EARLY;
}

/** A note of the kernel as a sentence of its own. */
function sentence(note: string): string {
  const text = note.charAt(0).toUpperCase() + note.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function missingValues({ trials, status }: Tables, early: string): string | null {
  if ((trials.value ?? []).some(value => value !== null)) return null;
  if (!hasEnded(status.state)) return early;
  const failed = rowCount(trials) > 0 && status.counts.failed === rowCount(trials);
  if (failed) return 'Every trial failed.';
  return status.nonfinite ? `No trial reported a finite ${status.metric}.` : `No trial reported ${status.metric}.`;
}
