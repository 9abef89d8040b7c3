/**
 * Charts of all parameters show those that were chosen: from their templates the axes of the others are left out. Such a
 * template says whose axes it has, in order, as `layout.meta.parameters`.
 */
import { isFields, type Fields, type Figure } from './template';
import { axesAcross } from './wrap';

/** So many have room in one chart, until others are chosen. */
export const MOST_PARAMETERS = 8;

export function withParameters(template: Figure, chosen: readonly string[]): Figure {
  const names = parametersOf(template);
  const kept = names.map((_, at) => at).filter(at => chosen.includes(names[at] ?? ''));
  if (kept.length === names.length) return template;
  return isParallel(template) ? besideEachOther(template, kept) : chartsOf(template, kept);
}

function parametersOf({ layout: { meta } }: Figure): readonly string[] {
  return isFields(meta) && Array.isArray(meta.parameters) ? (meta.parameters as string[]) : [];
}

/** Whether the axes are lines of one chart; else each has a chart of its own. */
function isParallel({ data }: Figure): boolean {
  return data.some(trace => isFields(trace) && isFields(trace.x) && '$parallel' in trace.x);
}

function chartsOf({ data, layout }: Figure, kept: readonly number[]): Figure {
  const dropped = axesAcross(layout).filter((_, at) => !kept.includes(at));
  const ids = new Set<unknown>(dropped.map(key => key.replace('axis', '')));
  return {
    data: data.filter(trace => !isFields(trace) || !ids.has(trace.xaxis ?? 'x')),
    layout: Object.fromEntries(Object.entries(layout).filter(([key]) => !dropped.includes(key)))
  };
}

/** Axis number n stands at x = n, the metric's after the last. */
function besideEachOther({ data, layout }: Figure, kept: readonly number[]): Figure {
  const last = parametersOf({ data, layout }).length;
  const places = new Map([...kept, last].map((axis, place) => [axis, place]));
  const stays = (_: unknown, axis: number): boolean => places.has(axis);
  const axesOf = (reference: unknown): unknown =>
    isFields(reference) && Array.isArray(reference.axes)
      ? { ...reference, axes: reference.axes.filter(stays) }
      : reference;
  const moved = (trace: Fields): Fields =>
    'x0' in trace
      ? { ...trace, x0: kept.length }
      : Object.fromEntries(Object.entries(trace).map(([key, part]) => [key, axesOf(part)]));
  const { xaxis, annotations } = layout as { xaxis: Fields; annotations: readonly Fields[] };
  const [from, to] = xaxis.range as [number, number];
  return {
    data: data.map(trace => (isFields(trace) ? moved(trace) : trace)),
    layout: {
      ...layout,
      xaxis: {
        ...xaxis,
        range: [from, to - last + kept.length],
        tickvals: [...places.values()],
        ticktext: (xaxis.ticktext as unknown[]).filter(stays)
      },
      annotations: annotations
        .filter(({ x }) => places.has(x as number))
        .map(label => ({ ...label, x: places.get(label.x as number) }))
    }
  };
}
