/** The numbers on bars. Plotly measures each as text before it hides those that do not fit: with hundreds, for long. */
import { isFields, type Fields } from './template';

/** No digit is narrower, in pixels, at the least size at which Plotly still writes it. */
const DIGIT = 4;

/**
 * The traces without the labels on horizontal bars that cannot fit in a chart `width` pixels wide; the same array if all
 * can. `range` is what the axis shows: from 0 to the last end, if it is not given.
 */
export function withFittingLabels(data: readonly unknown[], width: number, range?: unknown): readonly unknown[] {
  const bars = data.filter(isLabelled);
  const [from, to] = isRange(range) ? range : [0, bars.reduce((most, bar) => Math.max(most, lastEnd(bar)), 0)];
  const scale = width / Math.abs(to - from);
  let left = 0;
  const fitting = data.map(trace => {
    if (!isLabelled(trace)) return trace;
    const text = trace.text.map((label, at) => {
      const length = Number(trace.x[at]);
      return String(label).length * DIGIT > length * scale ? '' : label;
    });
    left += text.filter((label, at) => label !== trace.text[at]).length;
    return { ...trace, text };
  });
  return left > 0 ? fitting : data;
}

type Labelled = Fields & { readonly x: readonly unknown[]; readonly text: readonly unknown[] };

function isLabelled(trace: unknown): trace is Labelled {
  return (
    isFields(trace) &&
    trace.type === 'bar' &&
    trace.orientation === 'h' &&
    Array.isArray(trace.x) &&
    Array.isArray(trace.text)
  );
}

function lastEnd({ x, base }: Labelled): number {
  return x.reduce<number>((most, length, at) => {
    const end = Number(length) + (Array.isArray(base) ? Number(base[at]) : 0);
    return end > most ? end : most;
  }, 0);
}

function isRange(range: unknown): range is [number, number] {
  return Array.isArray(range) && range.length === 2 && range.every(end => typeof end === 'number');
}
