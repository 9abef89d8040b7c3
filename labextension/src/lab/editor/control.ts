/** What the controls in a cell's text have in common: a slider of numbers, chips of choices. */
import type { StudyFacts } from '../../doors';
import { declaredRange } from '../../params/scale';
import { sameItems } from '../../ui/page/same';
import type { Parameter } from '../../wire/protocol';

export interface Control {
  readonly node: HTMLElement;
  /** The parameter as the text declares it now. */
  readonly show: (parameter: Parameter) => void;
  /** The study in the cell's output; null where there is none. */
  readonly showStudy: (study: StudyFacts | null) => void;
  readonly dispose: () => void;
}

/** What a hand does to a control. */
export interface Hand<T> {
  /** Shows what the text would be, without a change of it. */
  readonly preview: (range: T) => void;
  /** Changes the text, as one step of undo. */
  readonly commit: (range: T) => void;
  /** Takes the preview back. */
  readonly cancel: () => void;
  /** Gives the focus back to the text. */
  readonly leave: () => void;
}

/** Whether the study searches less of the parameter than it was started with. */
export function isNarrowed(study: StudyFacts | null, name: string): boolean {
  const declared = study?.parameters.find(parameter => parameter.name === name);
  const range = study?.ranges[name];
  if (!declared || !range) return false;
  return !sameItems(range, declaredRange(declared));
}
