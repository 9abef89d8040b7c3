/**
 * The card with tabs: what the model believes, and the trials seen in other ways. A tab's charts are made when it is
 * first chosen and drawn only while it is; a tab whose templates the kernel has not sent is not shown.
 */
import { veils } from '../core/outside';
import type { ChartName } from '../core/protocol';
import { varying } from '../core/steering';
import type { Store } from '../core/store';
import type { Tables } from '../core/tables';
import { createAxes } from './axes';
import { createChartPanel, type ChartPanel } from './chart_panel';
import { button, element, setAttribute, setText } from './dom';
import type { Part } from './part';
import { createTabs } from './tabs';
import { createTryBar } from './try_bar';
import { LANDSCAPE, VIEWS, type View } from './views';

const SURFACES: readonly { readonly chart: ChartName; readonly label: string; readonly title: string }[] = [
  { chart: 'landscape_mean', label: 'Mean', title: 'What the model expects' },
  { chart: 'landscape_deviation', label: 'Uncertainty', title: 'Where the model does not know yet' },
  { chart: 'landscape_acquisition', label: 'Acquisition', title: 'Where the next trials are worth most' }
];

export function createExplore(store: Store): ChartPanel {
  let view = LANDSCAPE;
  let surface: ChartName = 'landscape_mean';
  const panels = new Map<string, readonly ChartPanel[]>();

  const tabs = createTabs('Views of the study', VIEWS, id => {
    view = VIEWS.find(known => known.id === id) ?? view;
    tryBar.clear();
    draw();
  });
  const axes = createAxes(store);
  const surfaces = SURFACES.map(({ chart, label, title }) =>
    button(label, { class: 'jt-segment-button', title }, () => {
      surface = chart;
      for (const panel of current()) panel.redraw();
      draw();
    })
  );
  const surfaceBar = element(
    'div',
    { class: 'jt-segmented', role: 'group', 'aria-label': 'What the landscape shows' },
    ...surfaces
  );
  const tryBar = createTryBar(store, () => {
    for (const panel of current()) panel.redraw();
  });
  const bar = element('div', { class: 'jt-explore-bar' }, axes.selects, surfaceBar);
  const charts = element('div', { class: 'jt-charts' });
  const note = element('p', { class: 'jt-hint' });
  tabs.panel.append(bar, charts, tryBar.node, axes.held, note);
  const node = element(
    'section',
    { class: 'jt-card jt-explore', 'aria-label': 'Model and trials' },
    tabs.list,
    tabs.panel
  );

  const current = (): readonly ChartPanel[] => panels.get(view.id) ?? [];
  const open = ({ id, charts: specs, plane }: View): readonly ChartPanel[] => {
    const made = specs.map(({ name, missing }) =>
      createChartPanel(store, {
        testid: `chart-${id === 'landscape' ? id : name}`,
        template: () => (id === 'landscape' ? surface : name),
        missing,
        ...(plane && {
          over: tables => ({ shapes: veils(tables, store.parameters), traces: tryBar.marks() }),
          onSpot: tryBar.offer
        })
      })
    );
    panels.set(id, made);
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
    const shown = panels.get(view.id) ?? open(view);
    for (const [id, made] of panels) {
      made.forEach((panel, index) => {
        const name = VIEWS.find(known => known.id === id)?.charts[index]?.name;
        panel.node.hidden = id !== view.id || (index > 0 && name !== undefined && !isWorthAPlace(name, store.tables));
      });
    }
    axes.draw();
    tryBar.draw();
    bar.hidden = view.axes === undefined;
    const missing = view.charts[0]?.missing(store.tables) ?? null;
    surfaceBar.hidden = view.id !== 'landscape' || missing !== null;
    axes.held.hidden ||= view.axes !== 'and others' || missing !== null;
    SURFACES.forEach(({ chart }, index) => {
      const node = surfaces[index];
      if (node) setAttribute(node, 'aria-pressed', String(chart === surface));
    });
    node.classList.toggle('jt-pending', view.axes !== undefined && axes.waits());
    setAttribute(charts, 'data-view', view.id);
    setText(note, missing === null ? (view.note?.(store.tables) ?? '') : '');
    for (const panel of shown) panel.draw();
  };

  const all = (act: (part: Part & ChartPanel) => void): void => {
    for (const made of panels.values()) made.forEach(act);
  };
  return {
    node,
    draw,
    redraw() {
      all(panel => {
        panel.redraw();
      });
    },
    dispose() {
      all(panel => {
        panel.dispose();
      });
    }
  };
}

/** A study of one parameter has no second slice. */
function isWorthAPlace(name: ChartName, { landscape }: Tables): boolean {
  return name !== 'slice_y' || !landscape || (landscape.slice_y?.values.length ?? 0) > 0;
}
