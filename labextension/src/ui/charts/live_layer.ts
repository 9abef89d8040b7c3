/**
 * Over a chart of learning curves what has come since Plotly drew it, as a few elements of SVG: with the frame that shows
 * them they cost about a tenth of a draw of Plotly. The dots of the trials that run are drawn here alone.
 */
import { isBeyond, liveCurves, placed, type DrawnAxes, type PlacedCurve } from '../../charts/live';
import type { Store } from '../../wire/store';
import type { Tables } from '../../wire/tables';
import { setAttribute, svgElement } from '../page/dom';
import { createPainter } from '../page/painter';

export interface LiveLayer {
  readonly node: SVGSVGElement;
  /** Asks for a draw of what has come. */
  readonly request: () => void;
  /** Draws at once: the axes have moved. */
  readonly moved: () => void;
  /** Draws at once: the chart now shows these tables, or nothing. */
  readonly follow: (tables: Tables | null) => void;
  readonly dispose: () => void;
}

/** The elements of one curve. */
interface Curve {
  readonly group: SVGGElement;
  readonly path: SVGPathElement;
  readonly end: SVGGElement;
}

/** In pixels, as the template of the chart and the mark of a selected trial have it. */
const [DOT, RING] = ['4', '7'];
const INTERVAL_MS = 100;

/**
 * @param host Is drawn over, while it can be seen.
 * @param axes The chart's, or null while nothing can be placed on them.
 * @param onBeyond A new reading has no room on the axes.
 */
export function createLiveLayer(
  host: HTMLElement,
  store: Store,
  axes: () => DrawnAxes | null,
  onBeyond: () => void
): LiveLayer {
  const area = svgElement('svg');
  const node = svgElement('svg', { class: 'jt-live', 'aria-hidden': 'true' }, area);
  const shown = new Map<number, Curve>();
  let drawn: Tables | null = null;

  const show = (curves: readonly PlacedCurve[]): void => {
    const stay = new Set(curves.map(({ trial }) => trial));
    for (const [trial, { group }] of shown) {
      if (stay.has(trial)) continue;
      group.remove();
      shown.delete(trial);
    }
    for (const { trial, path, dot } of curves) {
      const curve = shown.get(trial) ?? createCurve(trial);
      if (!shown.has(trial)) area.append(curve.group);
      shown.set(trial, curve);
      setAttribute(curve.group, 'class', trial === store.selected ? 'jt-live-selected' : '');
      setAttribute(curve.path, 'd', path);
      setAttribute(curve.end, 'display', dot ? 'inline' : 'none');
      if (dot) setAttribute(curve.end, 'transform', `translate(${dot.join(',')})`);
    }
  };
  const draw = (): void => {
    const place = drawn && axes();
    if (!drawn || !place) {
      show([]);
      return;
    }
    const { left, top, width, height } = place;
    Object.entries({ x: left, y: top, width, height }).forEach(([name, length]) => {
      setAttribute(area, name, String(length));
    });
    const curves = liveCurves(drawn, store.tables);
    show(curves.map(curve => placed(curve, place)));
    if (curves.some(curve => isBeyond(curve, place))) onBeyond();
  };
  const painter = createPainter(host, draw, { ahead: true, interval: INTERVAL_MS });

  return {
    node,
    request: painter.request,
    moved: draw,
    follow(tables) {
      drawn = tables;
      draw();
    },
    dispose: painter.dispose
  };
}

function createCurve(trial: number): Curve {
  const path = svgElement('path');
  const circles = [
    svgElement('circle', { class: 'jt-live-halo', r: RING }),
    svgElement('circle', { class: 'jt-live-ring', r: RING }),
    svgElement('circle', { r: DOT })
  ];
  const end = svgElement('g', {}, ...circles);
  return { group: svgElement('g', { 'data-trial': String(trial) }, path, end), path, end };
}
