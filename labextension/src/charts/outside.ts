/**
 * The parts of a landscape that lie outside the present ranges, as Plotly shapes to be laid over it: new trials do not go
 * there. A numeric axis is cut at the range's ends, a categorical one at the edges of the choices left out.
 */
import { place } from './derived';
import type { Cell, Landscape, Parameter, Range } from '../wire/protocol';
import type { Tables } from '../wire/tables';

const VEIL = { type: 'rect', layer: 'above', line: { width: 0 }, fillcolor: 'rgba(128,128,128,0.5)' } as const;

type Span = readonly [from: number, to: number];

export function veils(tables: Tables, parameters: readonly Parameter[]): object[] {
  const { landscape, status } = tables;
  if (!landscape || landscape.mean.length === 0) return [];
  return (['x', 'y'] as const).flatMap(axis => {
    const parameter = parameters.find(({ name }) => name === landscape[axis]);
    const range = status.ranges[parameter?.name ?? ''];
    if (!parameter || !range) return [];
    const across = axis === 'x' ? 'y' : 'x';
    return outside(landscape, axis, parameter, range).map(([from, to]) => ({
      ...VEIL,
      [`${axis}ref`]: axis,
      [`${axis}0`]: from,
      [`${axis}1`]: to,
      [`${across}ref`]: `${across} domain`,
      [`${across}0`]: 0,
      [`${across}1`]: 1
    }));
  });
}

function outside(landscape: Landscape, axis: 'x' | 'y', parameter: Parameter, range: Range): Span[] {
  const cells = landscape[`${axis}_values`];
  if (parameter.kind === 'categorical') return leftOut(cells, range);
  const { type, on } = landscape[`${axis}_axis`] ?? { type: 'linear', on: null };
  const drawn = (value: Cell): number => Number(on ? place(value, on) : value);
  const [first, last] = edges(cells.map(drawn), type === 'log');
  const [low, high] = [Number(range[0]), Number(range[1])];
  const declared = [parameter.low ?? low, parameter.high ?? high] as const;
  const spans: Span[] = [
    [first, drawn(low)],
    [drawn(high), last]
  ];
  return spans.filter((_, side) => (side === 0 ? low > declared[0] : high < declared[1]));
}

/** Each choice has its share of the axis from 0 to 1. */
function leftOut(cells: readonly Cell[], allowed: Range): Span[] {
  const kept = new Set(allowed);
  const share = 1 / cells.length;
  return cells.flatMap((cell, at): Span[] => (kept.has(cell) ? [] : [[at * share, (at + 1) * share]]));
}

/** The outer edges of a heat map's cells, whose centres these are: half a cell beyond the first and the last. */
function edges(centres: readonly number[], log: boolean): Span {
  const [to, from] = log ? [Math.log, Math.exp] : [(v: number) => v, (v: number) => v];
  const beyond = (end = 0, next = end): number => from(1.5 * to(end) - 0.5 * to(next));
  return [beyond(centres[0], centres[1]), beyond(centres.at(-1), centres.at(-2))];
}
