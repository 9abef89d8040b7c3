/**
 * The tabs of the explore card. Each chart says in its template where it stands (`layout.meta.tab`, see views/charts in
 * Python); what a tab has beside its charts follows from what these are drawn from.
 */
import { isFields } from '../../charts/template';
import {
  missingCurves,
  missingDots,
  missingFront,
  missingImportances,
  missingLandscape,
  missingResults,
  missingSlices,
  missingTimes,
  type Missing
} from '../../charts/missing';
import contract from '../../wire/contract.json';
import type { ChartTab, Template, Templates } from '../../wire/protocol';
import { isAfterSeveral } from '../../wire/metrics';
import type { Tables } from '../../wire/tables';
import type { Tab } from '../page/tabs';

interface Kind {
  readonly missing: Missing;
  /** Whether the two parameters are chosen here, and whether where the others stand is too. */
  readonly axes?: 'and others' | 'alone';
  /** Whether its charts are of one metric, which can be chosen. */
  readonly ofMetric?: true;
  /** Whether the newest readings are drawn over its charts as they come. */
  readonly live?: true;
  /** Over two parameters: a study of one has no such view. */
  readonly needsTwo?: true;
  /** Whether its charts are planes over the axes: greyed outside the ranges, clicked to try a spot. */
  readonly plane?: true;
  readonly note?: (tables: Tables) => string | undefined;
}

export interface View extends Tab, Kind {
  readonly charts: readonly string[];
  /** What chooses one of the charts, where one is shown at a time. */
  readonly options: readonly Option[];
  /** Whether it shows all parameters, or those of them that are chosen. */
  readonly ofParameters: boolean;
}

interface Option {
  readonly chart: string;
  readonly label: string;
  readonly title: string;
}

const modelNote = ({ landscape, status }: Tables): string | undefined =>
  landscape && isAfterSeveral(status)
    ? [`the model of ${status.metric}, the first metric`, landscape.note].filter(text => text !== '').join('; ')
    : landscape?.note;
const importancesNote = ({ landscape }: Tables): string | undefined => landscape?.importances?.note;
const brushNote = (): string =>
  'Drag along an axis to keep the trials that pass there; a double click shows all again.';

const RESULTS: Kind = { missing: missingResults, ofMetric: true };
/** By what a chart is drawn from. */
export const KINDS: Readonly<Record<string, Kind>> = {
  results: RESULTS,
  volume: { missing: missingFront },
  steps: { missing: missingCurves, live: true },
  times: { missing: missingTimes },
  importances: { missing: missingImportances, note: importancesNote },
  dots: { missing: missingDots, axes: 'alone', needsTwo: true },
  model: { missing: missingSlices, axes: 'and others', note: modelNote },
  plane: { missing: missingLandscape, axes: 'and others', needsTwo: true, plane: true, note: modelNote }
};

interface Placed {
  readonly name: string;
  readonly meta: Meta;
  readonly tab: ChartTab;
}

/** What templates ask of the page: see views/charts in Python. */
interface Meta {
  readonly tab?: ChartTab;
  readonly brush?: true;
  readonly parameters?: readonly string[];
}

/** The views of these charts, from left to right. */
export function viewsOf(templates: Templates): View[] {
  const charts = Object.entries(templates).map(([name, template]) => ({ name, meta: metaOf(template) }));
  const placed = charts.flatMap(({ name, meta }) => (meta.tab ? [{ name, meta, tab: meta.tab }] : []));
  // studies saved before charts said where they stand
  const loose = charts.filter(({ name }) => !contract.cards.includes(name));
  const all = placed.length > 0 ? placed : loose.map(({ name, meta }, at) => ({ name, meta, tab: plainTab(name, at) }));
  all.sort((a, b) => a.tab.at - b.tab.at);
  const ids = new Set(all.map(({ tab }) => tab.id));
  return [...ids].map(id => viewOf(all.filter(({ tab }) => tab.id === id)));
}

function viewOf(charts: readonly Placed[]): View {
  const [{ tab, meta }] = charts as [Placed];
  const { id, label, title } = tab;
  const options = charts.flatMap(({ name, tab: { option } }) => {
    const [word, hint = ''] = option;
    return word === undefined ? [] : [{ chart: name, label: word, title: hint }];
  });
  return {
    id,
    label,
    title,
    charts: charts.map(({ name }) => name),
    options,
    ofParameters: meta.parameters !== undefined,
    ...(KINDS[tab.of] ?? RESULTS),
    ...(meta.brush && { note: brushNote })
  };
}

function metaOf({ layout: { meta } }: Template): Meta {
  return isFields(meta) ? meta : {};
}

function plainTab(name: string, at: number): ChartTab {
  const label = name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');
  return { id: name, label, title: label, of: 'results', option: [], at };
}
