/** Writes what a study has found into its cell, as one step of undo. */
import { applyBest, narrowAround } from '../../cell/applying';
import { magicLength } from '../../cell/declarations';
import { limits } from '../../params/scale';
import { steer, type StudyFacts, type Writing } from '../../doors';
import type { Range } from '../../wire/protocol';

/** The part of Lab's cells that is used here. */
export interface WritableCell {
  readonly node: HTMLElement;
  readonly readOnly: boolean;
  readonly model: {
    readonly type: string;
    readonly sharedModel: {
      getSource(): string;
      updateSource(start: number, end: number, value?: string): void;
      transact(change: () => void): void;
      /** Edits in quick succession are one step of undo there. */
      readonly undoManager?: { stopCapturing(): void } | null;
    };
  };
}

export const NO_BEST = 'There is no best trial yet.';

/** Whether it is a %%tune cell. */
export function isTuned({ model }: WritableCell): boolean {
  return model.type === 'code' && magicLength(model.sharedModel.getSource()) !== null;
}

/** Whether it is a %%tune cell that may be changed. */
export function isWritable(cell: WritableCell): boolean {
  return !cell.readOnly && isTuned(cell);
}

/** Writes it; what was written, in words. */
export function writeInto(cell: WritableCell, study: StudyFacts, what: Writing): string {
  if (!isWritable(cell)) return 'The cell cannot be changed: it is read-only, or no %%tune cell any more.';
  if (what === 'best' && !study.best) return NO_BEST;
  if (what === 'ranges' && Object.keys(study.aroundBest).length === 0)
    return 'For ranges around the best, three trials have to be complete.';
  const { sharedModel } = cell.model;
  const text = sharedModel.getSource();
  const { changes, words, written } =
    what === 'best' ? applyBest(text, study.best?.params ?? {}) : narrowAround(text, study.aroundBest);
  if (changes.length > 0) {
    sharedModel.undoManager?.stopCapturing();
    sharedModel.transact(() => {
      // from the end, for the places of the first ones stay
      for (const { from, to, insert } of [...changes].reverse()) sharedModel.updateSource(from, to, insert);
    });
    sharedModel.undoManager?.stopCapturing();
  }
  const ranges = Object.entries(written).flatMap(([name, { bounds, choices }]): [string, Range][] => {
    const range = bounds ?? choices;
    return range && isWithin(study, name, range) ? [[name, range]] : [];
  });
  const isSteered = study.isLive && ranges.length > 0 && steer(cell.node, Object.fromEntries(ranges));
  return isSteered ? `${words} The running study searches them too.` : words;
}

/** Whether the study, which cannot search beyond what was declared when it began, can search the range. */
function isWithin({ parameters }: StudyFacts, name: string, range: Range): boolean {
  const declared = parameters.find(parameter => parameter.name === name);
  if (!declared || declared.kind === 'constant') return false;
  if (declared.kind === 'categorical') return range.every(choice => declared.choices?.includes(choice));
  const [low, high] = limits(declared);
  return low <= Number(range[0]) && Number(range[1]) <= high;
}
