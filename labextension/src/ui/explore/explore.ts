/**
 * The card with tabs: what the model believes, and the trials seen in other ways. A tab's charts are made when it is
 * first chosen and drawn only while it is.
 */
import { veils } from '../../charts/outside';
import { varying } from '../../params/steering';
import type { Templates } from '../../wire/protocol';
import type { Store } from '../../wire/store';
import { rowCount, type Tables } from '../../wire/tables';
import { createChartPanel, type ChartPanel } from '../charts/chart_panel';
import { element, setAttribute, setText } from '../page/dom';
import { createMetricChoice } from '../charts/metric_choice';
import { createTabs } from '../page/tabs';
import { createAxes } from './axes';
import { createOptions } from './options';
import { createParameterChoice } from './parameter_choice';
import { createTryBar } from './try_bar';
import { viewsOf, type View } from './views';

export interface Explore extends ChartPanel {
  /** The id of the chosen view; null where none is. */
  readonly chosen: () => string | null;
  readonly choose: (id: string) => void;
}

export function createExplore(store: Store): Explore {
  /** The templates of which these are the views. */
  let sent: Templates | null = null;
  let views: readonly View[] = [];
  let view: View | undefined;
  /** Of the views that have been chosen: a panel for each of their charts, or one for all where it has options. */
  const panels = new Map<View, readonly ChartPanel[]>();

  const choose = (id: string): void => {
    tryBar.clear(); // while the view that shows its cross is still the one drawn
    view = views.find(known => known.id === id);
    draw();
  };
  const tabs = createTabs('Views of the study', choose);
  const redrawView = (): void => {
    for (const panel of (view && panels.get(view)) ?? []) panel.redraw();
  };
  const redrawAll = (): void => {
    redrawView();
    draw();
  };
  const axes = createAxes(store, () => {
    draw();
  });
  const choice = createParameterChoice(store, redrawAll);
  const metric = createMetricChoice(store, 'explore-metric', redrawAll);
  const options = createOptions(redrawAll);
  const tryBar = createTryBar(store, redrawView);
  const bar = element('div', { class: 'jt-explore-bar' }, axes.selects, options.node, metric.node, choice.node);
  const charts = element('div', { class: 'jt-charts' });
  const note = element('p', { class: 'jt-hint' });
  tabs.panel.append(bar, charts, tryBar.node, axes.held, note);
  const node = element(
    'section',
    { class: 'jt-card jt-explore', 'aria-label': 'Model and trials' },
    tabs.list,
    tabs.panel
  );

  const open = (opened: View): readonly ChartPanel[] => {
    const panelOf = (name: string, template: () => string): ChartPanel =>
      createChartPanel(store, {
        testid: `chart-${name}`,
        title: opened.label,
        template,
        missing: opened.missing,
        ...(opened.ofMetric && { seen: metric.seen }),
        ...(opened.live && { live: !store.saved }),
        ...(opened.ofParameters && { parameters: choice.chosen }),
        ...(opened.plane && {
          over: tables => ({ shapes: veils(tables, store.parameters), traces: tryBar.marks() }),
          onSpot: tryBar.offer
        })
      });
    const made =
      opened.options.length > 0
        ? [panelOf(opened.id, () => options.chosen(opened))]
        : opened.charts.map(name => panelOf(name, () => name));
    panels.set(opened, made);
    charts.append(...made.map(panel => panel.node));
    return made;
  };
  const close = (): void => {
    for (const panel of [...panels.values()].flat()) {
      panel.dispose();
      panel.node.remove();
    }
    panels.clear();
  };

  const draw = (): void => {
    if (store.templates !== sent) {
      close();
      sent = store.templates;
      views = viewsOf(sent);
    }
    const few = varying(store.parameters).length < 2;
    const steps = rowCount(store.tables.points) > 0;
    const present = views.filter(({ needsTwo, live }) => !(few && needsTwo) && (steps || !live));
    const shown = present.find(({ id }) => id === view?.id) ?? present[0];
    view = shown;
    node.hidden = shown === undefined;
    if (!shown) return;
    tabs.show(present, shown.id);
    const drawn = panels.get(shown) ?? open(shown);
    for (const [known, made] of panels) {
      made.forEach((panel, index) => {
        panel.node.hidden = known !== shown || isEmptySlice(known.charts[index], store.tables);
      });
    }
    axes.draw();
    tryBar.draw();
    choice.draw();
    metric.draw();
    metric.node.hidden ||= !shown.ofMetric;
    choice.node.hidden = few || !shown.ofParameters;
    axes.selects.hidden ||= !shown.axes;
    bar.hidden = [axes.selects, choice.node, metric.node].every(each => each.hidden);
    const missing = shown.missing(store.tables, store.awaitsModel);
    options.draw(shown);
    options.node.hidden ||= missing !== null;
    axes.held.hidden ||= shown.axes !== 'and others' || missing !== null;
    node.classList.toggle('jt-pending', shown.axes !== undefined && axes.waits());
    setAttribute(charts, 'data-view', shown.id);
    setText(note, missing === null ? (shown.note?.(store.tables) ?? '') : '');
    for (const panel of drawn) panel.draw();
  };

  return {
    node,
    draw,
    chosen: () => view?.id ?? null,
    choose,
    redraw() {
      for (const panel of [...panels.values()].flat()) panel.redraw();
    },
    dispose() {
      axes.dispose();
      close();
    }
  };
}

/** A study of one parameter has no second slice. */
function isEmptySlice(name: string | undefined, { landscape }: Tables): boolean {
  return name === 'slice_y' && landscape !== null && (landscape.slice_y?.values.length ?? 0) === 0;
}
