/**
 * The way between a parameter's value and a position 0..1 on its slider.
 *
 * Linear, logarithmic, or logarithmic in the distance to 1 (reverse_log); ints and stepped floats snap to their values,
 * other floats to three digits. The limits themselves are always reachable, exactly.
 */
import type { Parameter } from './protocol';

export interface Scale {
  readonly low: number;
  readonly high: number;
  /** Where value stands, 0 at low and 1 at high. */
  readonly position: (value: number) => number;
  /** The nearest allowed value. */
  readonly value: (position: number) => number;
  /** The allowed value a share of the track away; at least one step. */
  readonly move: (value: number, share: number) => number;
}

export function scaleOf(parameter: Parameter): Scale {
  const low = parameter.low ?? 0;
  const high = parameter.high ?? 1;
  const warp = warpOf(parameter);
  const [start, end] = [warp.to(low), warp.to(high)];
  const step = parameter.step ?? (parameter.kind === 'int' ? 1 : null);

  const clamp = (value: number): number => Math.min(high, Math.max(low, value));
  const snap = (value: number): number => {
    if (step === null) return clamp(rounded(value, parameter, high - low));
    const last = Math.floor((high - low) / step + 1e-9);
    return clamp(tidy(low + step * Math.min(last, Math.max(0, Math.round((value - low) / step)))));
  };
  const position = (value: number): number => (end === start ? 0 : (warp.to(clamp(value)) - start) / (end - start));
  const value = (at: number): number => {
    if (at <= 0 || high === low) return low;
    if (at >= 1) return step === null ? high : snap(high);
    return snap(warp.from(start + at * (end - start)));
  };
  const move = (from: number, share: number): number => {
    const target = value(position(from) + share);
    if (step === null || target !== snap(from)) return target;
    return snap(from + step * Math.sign(share));
  };
  return { low, high, position, value, move };
}

interface Warp {
  readonly to: (value: number) => number;
  readonly from: (warped: number) => number;
}

function warpOf(parameter: Parameter): Warp {
  if (parameter.log) return { to: Math.log, from: Math.exp };
  if (parameter.reverse_log) return { to: v => -Math.log1p(-v), from: w => -Math.expm1(-w) };
  return { to: v => v, from: w => w };
}

/** To three digits of what varies: the value itself (log), its distance to 1 (reverse_log), the span (linear). */
function rounded(value: number, parameter: Parameter, span: number): number {
  if (parameter.log) return Number(value.toPrecision(3));
  if (parameter.reverse_log) return tidy(1 - Number((1 - value).toPrecision(3)));
  const grain = 10 ** (Math.floor(Math.log10(span)) - 3);
  return tidy(Math.round(value / grain) * grain);
}

/** Drops the dust of binary fractions: 0.30000000000000004 -> 0.3. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}
