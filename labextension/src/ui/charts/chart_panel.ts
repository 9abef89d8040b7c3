/**
 * One chart with what is said while there is nothing to draw: fills its template from the tables, draws when it can be
 * seen and something it shows has changed. A click on a trial selects it, in every view.
 */
import { adjusted, csvOf, offersOf } from '../../charts/adjust';
import { cellAsText } from '../../charts/markup';
import type { Missing } from '../../charts/missing';
import { shownState } from '../../wire/palette';
import { withParameters } from '../../charts/parameters_shown';
import type { StudyState, TrialState } from '../../wire/protocol';
import { sameItems } from '../page/same';
import type { Store } from '../../wire/store';
import type { Tables } from '../../wire/tables';
import { asValues, fill, inputsOf, isFields, type Fields, type Figure } from '../../charts/template';
import { rowsOf, wrapped } from '../../charts/wrap';
import { createMarking } from './marking';
import { createChart, type Hit } from './chart';
import { createChartTools, fileName, keepFile, type Format } from './chart_tools';
import { createLiveLayer } from './live_layer';
import { element, setText } from '../page/dom';
import { createPainter } from '../page/painter';
import type { Part } from '../page/part';

export type Spot = Extract<Hit, { kind: 'spot' }>;

interface Overlay {
  readonly shapes: readonly object[];
  readonly traces: readonly object[];
}

export interface ChartSpec {
  readonly testid: string;
  /** What the chart is called. */
  readonly title: string;
  /** Which template to draw now. */
  readonly template: () => string;
  /** Of a chart of all parameters: those that it shows; another array where they have changed. */
  readonly parameters?: () => readonly string[];
  /** The tables as this chart is drawn from them, where that is not as they are. */
  readonly seen?: (tables: Tables) => Tables;
  /** Why there is nothing to draw, or null. */
  readonly missing: Missing;
  /** Of learning curves: whether the newest readings are drawn over the chart as they come. */
  readonly live?: boolean;
  /** What to lay over the figure: from the tables, and from what only the page knows. */
  readonly over?: (tables: Tables) => Overlay;
  /** A plane was clicked beside its dots. */
  readonly onSpot?: (spot: Spot) => void;
}

export interface ChartPanel extends Required<Part> {
  /** Draws again at once, even if no data changed: the theme did, or what lies over the chart. */
  readonly redraw: () => void;
}

interface PanelWithTools extends ChartPanel {
  /** The menu, where the panel has it by itself: over the chart's upper right corner. */
  readonly tools: HTMLElement;
}

export function createChartPanel(store: Store, spec: ChartSpec): PanelWithTools {
  const plot = element('div', { class: 'jt-plot' });
  const empty = element('div', { class: 'jt-empty' });
  empty.hidden = true; // until there are words in it: before the first draw it would lie over the card below
  const tools = createChartTools(
    spec.title,
    () => {
      redraw();
    },
    save
  );
  const marking = createMarking(() => {
    redraw();
  });
  const node = element('div', { class: 'jt-plot-area', testid: spec.testid }, plot, empty, marking.clear, tools.node);
  marking.listen(node);
  const chart = createChart(
    plot,
    hit => {
      if (hit.kind === 'trial') store.select(hit.trial);
      else if (hit.kind === 'spot') spec.onSpot?.(hit);
      else marking.reset();
    },
    () => {
      redraw();
    },
    spec.live
      ? {
          has: isOfRunning,
          onMoved: () => layer?.moved()
        }
      : null
  );
  let drawn: readonly unknown[] = [];
  let failed = false;
  let marked: number | null = null;

  /** The template of the parameters that are chosen. */
  function chosenOf(sent: Figure): Figure {
    return spec.parameters ? withParameters(sent, spec.parameters()) : sent;
  }

  const seen = (): Tables => spec.seen?.(store.tables) ?? store.tables;

  async function save(format: Format): Promise<void> {
    const { templates } = store;
    const tables = seen();
    const sent = templates[spec.template()];
    const name = fileName(tables.status.name, spec.template(), format);
    if (format !== 'csv') {
      keepFile(name, await chart.picture(format));
    } else if (sent) {
      const template = chosenOf(sent);
      const figure = adjusted(template, fill(asValues(template), tables) as Figure, tools.chosen());
      // with a mark by which spreadsheets know UTF-8
      const url = URL.createObjectURL(new Blob(['\ufeff', csvOf(figure)], { type: 'text/csv' }));
      keepFile(name, url);
      URL.revokeObjectURL(url);
    }
  }

  const say = (words: string | null): void => {
    setText(empty, words ?? '');
    empty.hidden = words === null;
    plot.hidden = words !== null;
    if (words === null) return;
    layer?.follow(null);
    tools.hide();
    marking.clear.hidden = true;
  };
  const paint = async (): Promise<void> => {
    const { selected } = store;
    const tables = seen();
    marked = selected;
    const sent = store.templates[spec.template()];
    const missing = sent ? spec.missing(tables, store.awaitsModel) : 'This chart has not been sent yet.';
    if (missing !== null || !sent) {
      say(missing);
      drawn = [];
      return;
    }
    const { revision, state } = tables.status;
    const own = [
      sent,
      tables.status.metric,
      spec.parameters?.(),
      selected,
      state === 'interrupted',
      spec.over && revision
    ];
    const inputs = [...own, ...inputsOf(sent, tables)];
    if (sameItems(inputs, drawn)) return;
    drawn = inputs;
    say(null);
    try {
      const template = chosenOf(sent);
      const filled = fill(template, tables, cellAsText) as Figure;
      tools.draw(offersOf(template, filled));
      const told = withShownStates(filled, state);
      const figure = marking.over(inRows(template, adjusted(template, told, tools.chosen())));
      const isDrawn = await chart.draw(spec.over ? laidOver(figure, spec.over(tables)) : figure, selected);
      if (isDrawn) layer?.follow(tables);
      failed = false;
    } catch (error) {
      // a page that was hidden, or had no time, in the middle of a draw: once more, before anything is said
      if (!failed) {
        failed = true;
        redraw();
        return;
      }
      console.error(`${spec.testid} could not be drawn`, error);
      say(`This chart could not be drawn: ${String(error)}`);
    }
  };
  /** What wraps stands in rows that can be read in the panel's width, and makes the panel as high as they are. */
  const inRows = (template: Figure, figure: Figure): Figure => {
    const rows = rowsOf(template, plot.clientWidth);
    if (!rows) return figure;
    node.style.height = `${rows.height}px`;
    return wrapped(figure, rows.columns);
  };
  const painter = createPainter(node, paint);
  const layer = spec.live
    ? createLiveLayer(node, store, chart.axes, () => {
        painter.request(true);
      })
    : null;
  if (layer) plot.after(layer.node);
  const redraw = (): void => {
    drawn = [];
    painter.urge();
  };

  return {
    node,
    tools: tools.node,
    draw() {
      layer?.request();
      // the user waits for the mark of what was clicked, wherever that was
      if (store.selected !== marked) painter.urge();
      else painter.request();
    },
    redraw,
    dispose() {
      painter.dispose();
      layer?.dispose();
      chart.dispose();
    }
  };
}

/** A card with a title over one chart, and what may stand beside the title. */
export function createChartCard(store: Store, spec: ChartSpec, beside: HTMLElement | null = null): ChartPanel {
  const { title } = spec;
  const panel = createChartPanel(store, spec);
  const head = element('div', { class: 'jt-card-head' }, element('h3', {}, title), beside, panel.tools);
  return { ...panel, node: element('section', { class: 'jt-card', 'aria-label': title }, head, panel.node) };
}

/** The dots at the ends of the curves of trials that run. */
function isOfRunning({ name, mode }: Fields): boolean {
  return name === 'running' && mode === 'markers';
}

function laidOver(figure: Figure, { shapes, traces }: Overlay): Figure {
  const own = Array.isArray(figure.layout.shapes) ? (figure.layout.shapes as readonly object[]) : [];
  return { data: [...figure.data, ...traces], layout: { ...figure.layout, shapes: [...own, ...shapes] } };
}

/** Traces of trials in a state are named by it. */
function withShownStates(figure: Figure, study: StudyState): Figure {
  if (study !== 'interrupted') return figure;
  const named = ({ name, ...trace }: Fields): Fields => ({ ...trace, name: shownState(name as TrialState, study) });
  return { ...figure, data: figure.data.map(trace => (isFields(trace) ? named(trace) : trace)) };
}
