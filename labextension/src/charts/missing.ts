/**
 * What a chart says in words while there is nothing to draw; null where there is.
 *
 * The model comes last, also that of a study which has ended: where it may still come (`awaitsModel`), none is not yet
 * missing.
 */
import { hasEnded } from '../wire/protocol';
import { rowCount, type Tables } from '../wire/tables';

export type Missing = (tables: Tables, awaitsModel: boolean) => string | null;

const TOO_EARLY = 'The model appears after the first trials finish.';
const NOT_YET = 'The model is not drawn yet.';
const NEVER_CAME = 'The study ended before there was a model.';

export const missingHistory: Missing = tables => missingValues(tables, 'The first finished trial will appear here.');

/** For the front of several metrics: complete trials stand somewhere. */
export const missingFront: Missing = tables => {
  if ((tables.trials.standing ?? []).some(standing => standing !== '' && standing !== null)) return null;
  return hasEnded(tables.status.state) ? 'No trial is complete.' : 'The first complete trial will appear here.';
};

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
export const missingLandscape: Missing = (tables, awaitsModel) =>
  missingModel(tables, awaitsModel, (tables.landscape?.mean.length ?? 0) > 0);

/** For charts of the model along each of them; a study of one parameter has the first. */
export const missingSlices: Missing = (tables, awaitsModel) =>
  missingModel(tables, awaitsModel, (tables.landscape?.slice_x?.values.length ?? 0) > 0);

export const missingImportances: Missing = ({ landscape, status }, awaitsModel) => {
  if ((landscape?.importances?.names.length ?? 0) > 0) return null;
  if (!hasEnded(status.state)) return 'Importances appear once the model has seen a few trials.';
  return afterTheEnd(landscape, awaitsModel);
};

export const missingDots: Missing = (tables, awaitsModel) =>
  missingModel(tables, awaitsModel, (tables.landscape?.trials.number.length ?? 0) > 0);

function missingModel({ landscape, status }: Tables, awaitsModel: boolean, present: boolean): string | null {
  if (present) return null;
  if (landscape && landscape.note !== '') return sentence(landscape.note);
  return hasEnded(status.state) ? afterTheEnd(landscape, awaitsModel) : TOO_EARLY;
}

function afterTheEnd(landscape: Tables['landscape'], awaitsModel: boolean): string {
  return landscape === null && awaitsModel ? NOT_YET : NEVER_CAME;
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
