/** Offers to try the spot of the landscape that was clicked: says its values, and sends the wish on a second click. */
import { cellAsText } from '../core/markup';
import type { Landscape, Parameter, Params } from '../core/protocol';
import type { Store } from '../core/store';
import { nearestValue, paramsText } from '../core/steering';
import type { Spot } from './chart_panel';
import { button, element, setText } from './dom';

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
      if (params) change({ params, x, y, mark: markAt(params, spot, landscape) });
    },
    marks: () => (offered ? [offered.mark] : [])
  };
}

function paramsAt({ column, row, x, y }: Spot, landscape: Landscape, parameters: readonly Parameter[]): Params | null {
  const params: Record<string, Params[string]> = {};
  for (const [name, place, cell] of [
    [landscape.x, x, landscape.x_values[column]],
    [landscape.y, y, landscape.y_values[row]]
  ] as const) {
    const parameter = parameters.find(known => known.name === name);
    if (!parameter) return null;
    const exact = parameter.kind !== 'categorical' && typeof place === 'number' && Number.isFinite(place);
    const value = nearestValue(parameter, (exact ? place : cell) ?? null);
    if (value === null) return null;
    params[parameter.name] = value;
  }
  return params;
}

/** White with a dark edge: seen on every colour of the map. */
function markAt(params: Params, { column, row }: Spot, landscape: Landscape): object {
  const place = (axis: 'x' | 'y', cell: number): unknown =>
    landscape[`${axis}_type`] === 'category'
      ? cellAsText(landscape[`${axis}_values`][cell])
      : params[landscape[axis] ?? ''];
  const marker = { symbol: 'cross', size: 13, color: '#ffffff', line: { color: '#000000', width: 1.5 } };
  const quiet = { hoverinfo: 'skip', showlegend: false };
  return { type: 'scatter', mode: 'markers', ...quiet, x: [place('x', column)], y: [place('y', row)], marker };
}
