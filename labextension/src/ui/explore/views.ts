/** The tabs of the explore card: which charts each shows, of what, and which of the card's controls it has. */
import {
  missingDots,
  missingImportances,
  missingLandscape,
  missingResults,
  missingSlice,
  missingTimes,
  type Missing
} from '../../charts/missing';
import type { ChartName } from '../../wire/protocol';
import type { Tables } from '../../wire/tables';
import type { Tab } from '../page/tabs';

export interface View extends Tab {
  readonly charts: readonly { readonly name: ChartName; readonly missing: Missing }[];
  /** Whether the two parameters are chosen here, and whether where the others stand is too. */
  readonly axes?: 'and others' | 'alone';
  /** Whether it shows all parameters, or those of them that are chosen. */
  readonly ofParameters?: true;
  /** Over two parameters: a study of one has no such view. */
  readonly needsTwo?: true;
  /** Whether its charts are planes over the axes: greyed outside the ranges, clicked to try a spot. */
  readonly plane?: true;
  readonly note?: (tables: Tables) => string | undefined;
}

/** A view of one chart, of the same name. */
function single(id: ChartName, label: string, title: string, missing: Missing, more: Partial<View> = {}): View {
  return { id, label, title, charts: [{ name: id, missing }], ...more };
}

const modelNote = ({ landscape }: Tables): string | undefined => landscape?.note;
const importancesNote = ({ landscape }: Tables): string | undefined => landscape?.importances?.note;
const brushNote = (): string =>
  'Drag along an axis to keep the trials that pass there; a double click shows all again.';
const PLANE = { axes: 'and others', plane: true, needsTwo: true, note: modelNote } as const;

export const LANDSCAPE: View = {
  id: 'landscape',
  label: 'Landscape',
  title: 'What the model expects over two parameters; click a spot to try it',
  charts: [{ name: 'landscape_mean', missing: missingLandscape }],
  ...PLANE
};
export const VIEWS: readonly View[] = [
  LANDSCAPE,
  {
    id: 'slices',
    label: 'Posterior',
    title: 'What the model expects along each of the two parameters, with its 95 % band',
    charts: [
      { name: 'slice_x', missing: missingSlice('slice_x') },
      { name: 'slice_y', missing: missingSlice('slice_y') }
    ],
    axes: 'and others',
    note: modelNote
  },
  single('parallel', 'Parallel', 'Every trial as a line through its parameters', missingResults, {
    ofParameters: true,
    note: brushNote
  }),
  single('slice', 'Slice', 'The results over each parameter', missingResults, { ofParameters: true }),
  single('contour', 'Contour', 'Lines of equal expectation over two parameters', missingLandscape, PLANE),
  single('importances', 'Importance', 'How much each parameter matters', missingImportances, { note: importancesNote }),
  single('timeline', 'Timeline', 'When each trial ran, and where', missingTimes),
  single('edf', 'EDF', 'The share of trials that did at least as well', missingResults, { id: 'distribution' }),
  single('rank', 'Rank', 'Trials over two parameters, coloured by their rank', missingDots, {
    axes: 'alone',
    needsTwo: true
  })
];
