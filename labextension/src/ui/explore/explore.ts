/**
 * The card with tabs: what the model believes, and the trials seen in other ways. A tab's charts are made when it is
 * first chosen and drawn only while it is; a tab whose templates the kernel has not sent is not shown.
 */
import { veils } from '../../charts/outside';
import type { ChartName } from '../../wire/protocol';
import { varying } from '../../params/steering';
import type { Store } from '../../wire/store';
import type { Tables } from '../../wire/tables';
import { createAxes } from './axes';
import { createChartPanel, type ChartPanel } from '../charts/chart_panel';
import { button, element, setAttribute, setText } from '../page/dom';
import { createParameterChoice } from './parameter_choice';
import { createTabs } from '../page/tabs';
import { createTryBar } from './try_bar';
import { LANDSCAPE, VIEWS, type View } from './views';

const SURFACES: readonly { readonly chart: ChartName; readonly label: string; readonly title: string }[] = [
  { chart: 'landscape_mean', label: 'Mean', title: 'The value that the model expects' },
  { chart: 'landscape_deviation', label: 'Uncertainty', title: 'Where the model is uncertain' },
  { chart: 'landscape_acquisition', label: 'Acquisition', title: 'Where the expected improvement is largest' }
];

export function createExplore(store: Store): ChartPanel {
  let view = LANDSCAPE;
  let surface: ChartName = 'landscape_mean';
  /** Of the views that have been chosen: a panel for each of their charts. */
  const panels = new Map<View, readonly ChartPanel[]>();

  const tabs = createTabs('Views of the study', VIEWS, id => {
    tryBar.clear(); // while the view that shows its cross is still the one drawn
    view = VIEWS.find(known => known.id === id) ?? view;
    draw();
  });
  const axes = createAxes(store, () => {
    draw();
  });
  const choice = createParameterChoice(store, () => {
    redrawView();
    draw();
  });
  const surfaces = SURFACES.map(({ chart, label, title }) => {
    const choose = button(label, { class: 'jt-switch-choice', title }, () => {
      surface = chart;
      redrawView();
      draw();
    });
    return [chart, choose] as const;
  });
  const surfaceBar = element(
    'div',
    { class: 'jt-switch', role: 'group', 'aria-label': 'What the landscape shows' },
    ...surfaces.map(([, choose]) => choose)
  );
  const redrawView = (): void => {
    for (const panel of panels.get(view) ?? []) panel.redraw();
  };
  const tryBar = createTryBar(store, redrawView);
  const bar = element('div', { class: 'jt-explore-bar' }, axes.selects, surfaceBar, choice.node);
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
    const made = opened.charts.map(({ name, missing }) =>
      createChartPanel(store, {
        testid: `chart-${opened === LANDSCAPE ? opened.id : name}`,
        title: opened.label,
        template: () => (opened === LANDSCAPE ? surface : name),
        missing,
        ...(opened.ofParameters && { parameters: choice.chosen }),
        ...(opened.plane && {
          over: tables => ({ shapes: veils(tables, store.parameters), traces: tryBar.marks() }),
          onSpot: tryBar.offer
        })
      })
    );
    panels.set(opened, made);
    charts.append(...made.map(panel => panel.node));
    return made;
  };

  const draw = (): void => {
    const few = varying(store.parameters).length < 2;
    const present = VIEWS.filter(
      ({ charts: needed, needsTwo }) => !(few && needsTwo) && needed.some(({ name }) => store.templates[name])
    );
    // before the templates have come, the landscape's words stand for all
    if (present.length > 0 && !present.includes(view)) view = present[0] ?? view;
    tabs.show(new Set(present.map(({ id }) => id)), view.id);
    const shown = panels.get(view) ?? open(view);
    for (const [known, made] of panels) {
      made.forEach((panel, index) => {
        panel.node.hidden = known !== view || isEmptySlice(known.charts[index]?.name, store.tables);
      });
    }
    axes.draw();
    tryBar.draw();
    choice.draw();
    choice.node.hidden = few || !view.ofParameters;
    axes.selects.hidden ||= !view.axes;
    bar.hidden = axes.selects.hidden && choice.node.hidden;
    const missing = view.charts[0]?.missing(store.tables) ?? null;
    surfaceBar.hidden = view !== LANDSCAPE || missing !== null;
    axes.held.hidden ||= view.axes !== 'and others' || missing !== null;
    for (const [chart, choose] of surfaces) setAttribute(choose, 'aria-pressed', String(chart === surface));
    node.classList.toggle('jt-pending', view.axes !== undefined && axes.waits());
    setAttribute(charts, 'data-view', view.id);
    setText(note, missing === null ? (view.note?.(store.tables) ?? '') : '');
    for (const panel of shown) panel.draw();
  };

  return {
    node,
    draw,
    redraw() {
      for (const panel of [...panels.values()].flat()) panel.redraw();
    },
    dispose() {
      axes.dispose();
      for (const panel of [...panels.values()].flat()) panel.dispose();
    }
  };
}

/** A study of one parameter has no second slice. */
function isEmptySlice(name: ChartName | undefined, { landscape }: Tables): boolean {
  return name === 'slice_y' && landscape !== null && (landscape.slice_y?.values.length ?? 0) === 0;
}
