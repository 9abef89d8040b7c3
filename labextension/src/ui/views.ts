/** The tabs of the explore card: which charts each shows, of what, and which of the card's controls it has. */
import {
  missingDots,
  missingImportances,
  missingLandscape,
  missingResults,
  missingSlice,
  missingTimes
} from '../core/missing';
import type { ChartName } from '../core/protocol';
import type { Tables } from '../core/tables';
import type { ChartSpec } from './chart_panel';
import type { Tab } from './tabs';

export interface View extends Tab {
  readonly charts: readonly (Pick<ChartSpec, 'missing'> & { readonly name: ChartName })[];
  /** Whether the two parameters are chosen here, and whether where the others stand is too. */
  readonly axes?: 'and others' | 'alone';
  /** Over two parameters: a study of one has no such view. */
  readonly needsTwo?: true;
  /** Whether its charts are planes over the axes: greyed outside the ranges, clicked to try a spot. */
  readonly plane?: true;
  readonly note?: (tables: Tables) => string | undefined;
}

const modelNote = ({ landscape }: Tables): string | undefined => landscape?.note;
const importancesNote = ({ landscape }: Tables): string | undefined => landscape?.importances?.note;

export const LANDSCAPE: View = {
  id: 'landscape',
  label: 'Landscape',
  title: 'What the model expects over two parameters; click a spot to try it',
  charts: [{ name: 'landscape_mean', missing: missingLandscape }],
  axes: 'and others',
  plane: true,
  needsTwo: true,
  note: modelNote
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
  {
    id: 'parallel',
    label: 'Parallel',
    title: 'Every trial as a line through its parameters',
    charts: [{ name: 'parallel', missing: missingResults }]
  },
  {
    id: 'slice',
    label: 'Slice',
    title: 'The results over each parameter',
    charts: [{ name: 'slice', missing: missingResults }]
  },
  {
    id: 'contour',
    label: 'Contour',
    title: 'Lines of equal expectation over two parameters',
    charts: [{ name: 'contour', missing: missingLandscape }],
    axes: 'and others',
    plane: true,
    needsTwo: true,
    note: modelNote
  },
  {
    id: 'importances',
    label: 'Importance',
    title: 'How much each parameter matters',
    charts: [{ name: 'importances', missing: missingImportances }],
    note: importancesNote
  },
  {
    id: 'timeline',
    label: 'Timeline',
    title: 'When each trial ran, and where',
    charts: [{ name: 'timeline', missing: missingTimes }]
  },
  {
    id: 'distribution',
    label: 'EDF',
    title: 'The share of trials that did at least as well',
    charts: [{ name: 'edf', missing: missingResults }]
  },
  {
    id: 'rank',
    label: 'Rank',
    title: 'Trials over two parameters, coloured by their rank',
    charts: [{ name: 'rank', missing: missingDots }],
    axes: 'alone',
    needsTwo: true
  }
];
