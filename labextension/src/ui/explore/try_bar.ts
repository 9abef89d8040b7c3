/** Offers to try the spot of the landscape that was clicked: says its values, and sends the request on a second click. */
import { place } from '../../charts/derived';
import type { Cell, Landscape, Parameter, ParameterAxis, Params } from '../../wire/protocol';
import { scaleOf } from '../../params/scale';
import type { Store } from '../../wire/store';
import { nearestValue, paramsText } from '../../params/steering';
import type { Spot } from '../charts/chart_panel';
import { button, element, setText } from '../page/dom';

export interface TryBar {
  readonly node: HTMLElement;
  readonly offer: (spot: Spot) => void;
  readonly clear: () => void;
  readonly draw: () => void;
  /** A cross where the offer stands, as a Plotly trace. */
  readonly marks: () => readonly object[];
}

export function createTryBar(store: Store, onChange: () => void): TryBar {
  let offered: { readonly params: Params; readonly x: string; readonly y: string; readonly mark: object } | null = null;
  const words = element('span', { class: 'jt-try-words' });
  const take = button('Try it', { class: 'jt-button jt-primary', testid: 'try-here' }, () => {
    if (offered) store.send({ type: 'enqueue', params: offered.params });
    clear();
  });
  const leave = button('×', { class: 'jt-dismiss', 'aria-label': 'Dismiss' }, () => {
    clear();
  });
  const node = element('div', { class: 'jt-try', role: 'status' }, words, take, leave);

  const change = (next: typeof offered): void => {
    offered = next;
    draw();
    onChange();
  };
  const clear = (): void => {
    if (offered) change(null);
  };
  const draw = (): void => {
    const { landscape } = store.tables;
    const stands = offered && store.steerable && landscape?.x === offered.x && landscape.y === offered.y;
    if (!stands) clear();
    node.hidden = offered === null;
    setText(words, offered ? `Try ${paramsText(offered.params)} next? The sampler fills in the rest.` : '');
  };
  draw();
  return {
    node,
    clear,
    draw,
    offer(spot) {
      const { landscape } = store.tables;
      if (!landscape?.y || !store.steerable) return;
      const { x, y } = landscape;
      const params = paramsAt(spot, landscape, store.parameters);
      if (params) change({ params, x, y, mark: markAt(params, landscape) });
    },
    marks: () => (offered ? [offered.mark] : [])
  };
}

function paramsAt({ column, row, x, y }: Spot, landscape: Landscape, parameters: readonly Parameter[]): Params | null {
  const params: Record<string, Params[string]> = {};
  for (const [name, spot, cell, axis] of [
    [landscape.x, x, landscape.x_values[column], landscape.x_axis],
    [landscape.y, y, landscape.y_values[row], landscape.y_axis]
  ] as const) {
    const parameter = parameters.find(known => known.name === name);
    if (!parameter) return null;
    const value = valueAt(parameter, spot, cell, axis);
    if (value === undefined) return null;
    params[parameter.name] = value;
  }
  return params;
}

/** The allowed value at a spot of an axis, in the cell of that value; undefined where there is none. */
function valueAt(parameter: Parameter, spot: unknown, cell: Cell | undefined, axis?: ParameterAxis | null) {
  // None is a choice: the cell is the very one
  if (parameter.kind === 'categorical') return cell;
  if (typeof spot !== 'number' || !Number.isFinite(spot)) return nearestValue(parameter, cell ?? null) ?? undefined;
  return axis?.on ? scaleOf(parameter).value(spot) : (nearestValue(parameter, spot) ?? undefined);
}

/** White with a dark edge: seen on every colour of the map. */
function markAt(params: Params, landscape: Landscape): object {
  const drawn = (name: string | null, axis?: ParameterAxis | null): unknown => {
    const value = params[name ?? ''] ?? null;
    return axis?.on ? place(value, axis.on) : value;
  };
  const marker = { symbol: 'cross', size: 13, color: '#ffffff', line: { color: '#000000', width: 1.5 } };
  const quiet = { hoverinfo: 'skip', showlegend: false };
  const [x, y] = [drawn(landscape.x, landscape.x_axis), drawn(landscape.y, landscape.y_axis)];
  return { type: 'scatter', mode: 'markers', ...quiet, x: [x], y: [y], marker };
}
