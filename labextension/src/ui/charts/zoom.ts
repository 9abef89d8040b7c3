/**
 * What the user has zoomed a chart to. It is laid over each figure that is drawn, so that it stays while a study goes on,
 * and a reset shows what the newest figure asks for. Plotly's own ways do neither where a figure gives an axis its range:
 * `uirevision` gives the zoom up when the range changes, and a reset goes back to the first range there was.
 */
import { axisKeys } from '../../charts/adjust';
import { isFields, type Fields } from '../../charts/template';

export interface Zoom {
  /** The layout with the ranges that the user chose; they are given up once the axes show something else. */
  readonly over: (layout: Fields) => Fields;
  /** The user has changed these settings of the chart, whose layout is now this one. */
  readonly note: (changed: Fields, layout: Fields) => void;
  readonly reset: () => void;
}

const RANGE = /^([xy]axis\d*)\.range/;

export function createZoom(): Zoom {
  const ranges = new Map<string, unknown>();
  let shown = '';
  return {
    over(layout) {
      const now = axesOf(layout);
      if (now !== shown) ranges.clear();
      shown = now;
      const zoomed = Array.from(ranges, ([axis, range]): [string, Fields] => [
        axis,
        { ...zoomable(fields(layout[axis])), range, autorange: false }
      ]);
      return { ...layout, ...Object.fromEntries<Fields>(zoomed) };
    },
    note(changed, layout) {
      for (const key of Object.keys(changed)) {
        const axis = RANGE.exec(key)?.[1];
        const range = axis === undefined ? null : fields(layout[axis]).range;
        if (axis !== undefined && Array.isArray(range)) ranges.set(axis, [...(range as unknown[])]);
      }
    },
    reset() {
      ranges.clear();
    }
  };
}

/** On a logarithmic axis the ticks of the whole are too far apart for a part of it: Plotly finds some. */
function zoomable(axis: Fields): Fields {
  return axis.type === 'log' ? { ...axis, tickvals: undefined, ticktext: undefined } : axis;
}

/** What the axes show: a parameter's or the metric's name, and the scale. */
function axesOf(layout: Fields): string {
  return JSON.stringify(
    axisKeys(layout).map(axis => [axis, fields(fields(layout[axis]).title).text, fields(layout[axis]).type])
  );
}

function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}
