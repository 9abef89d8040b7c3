/**
 * A card with one chart: fills its template from the tables, draws when it can be seen and something it shows has
 * changed, and says in words what is missing while there is nothing to draw.
 */
import type { ChartName } from '../core/protocol';
import type { Store } from '../core/store';
import type { Tables } from '../core/tables';
import { fill } from '../core/template';
import { createChart, type Figure } from './chart';
import { element, setText } from './dom';
import { createPainter } from './painter';
import type { Part } from './part';

export interface ChartSpec {
  readonly title: string;
  readonly testid: string;
  /** Which template to draw now. */
  readonly template: () => ChartName;
  /** Why there is nothing to draw, or null. */
  readonly missing: (tables: Tables) => string | null;
  /** What the chart shows; it is drawn again only when one of these changes identity. */
  readonly shows: (tables: Tables) => readonly unknown[];
}

export interface ChartPanel extends Part {
  /** Draws again even if no data changed: the theme did. */
  readonly redraw: () => void;
}

export function createChartPanel(store: Store, spec: ChartSpec, ...controls: HTMLElement[]): ChartPanel {
  const plot = element('div', { class: 'jt-plot' });
  const empty = element('div', { class: 'jt-empty' });
  const area = element('div', { class: 'jt-plot-area', testid: spec.testid }, plot, empty);
  const head = element('div', { class: 'jt-card-head' }, element('h3', {}, spec.title), ...controls);
  const node = element('section', { class: 'jt-card' }, head, area);
  const chart = createChart(plot);
  let drawn: readonly unknown[] = [];

  const paint = (): void => {
    const { tables } = store;
    const template = store.templates[spec.template()];
    const missing = template ? spec.missing(tables) : 'This chart has not been sent yet.';
    setText(empty, missing ?? '');
    empty.hidden = missing === null;
    plot.hidden = missing !== null;
    const inputs = [template, missing, ...spec.shows(tables)];
    if (missing !== null || !template || sameItems(inputs, drawn)) return;
    drawn = inputs;
    chart.draw(fill(template, tables) as Figure);
  };
  const painter = createPainter(node, paint);

  return {
    node,
    draw: painter.request,
    redraw() {
      drawn = [];
      painter.request();
    },
    dispose() {
      painter.dispose();
      chart.dispose();
    }
  };
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
