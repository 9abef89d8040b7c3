/**
 * The way between a parameter's value and a position 0..1 on its slider.
 *
 * Linear, logarithmic, or logarithmic in the distance to 1 (reverse_log); ints and stepped floats snap to their values,
 * other floats to three digits. The limits themselves are always reachable, exactly.
 */
import type { Parameter, Range } from '../wire/protocol';

/** What binary fractions may be off by, in steps. */
const DUST = 1e-9;

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
  const [low, high] = limits(parameter);
  const warp = warpOf(parameter);
  const [start, end] = [warp.to(low), warp.to(high)];
  const step = stepOf(parameter);

  const snap = (value: number): number => onGrid(parameter, step === null ? rounded(value, parameter) : value);
  const position = (value: number): number =>
    end === start ? 0 : (warp.to(inside(value, low, high)) - start) / (end - start);
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

export function stepOf(parameter: Parameter): number | null {
  return parameter.step ?? (parameter.kind === 'int' ? 1 : null);
}

/** The nearest value between the limits; of a stepped parameter, on one of its steps. */
export function onGrid(parameter: Parameter, value: number): number {
  const [low, high] = limits(parameter);
  const step = stepOf(parameter);
  if (step === null) return inside(value, low, high);
  const last = Math.floor((high - low) / step + DUST);
  const nearest = inside(Math.round((value - low) / step), 0, last);
  return inside(tidy(low + step * nearest), low, high);
}

/** The choices, or the ends, as declared. */
export function declaredRange(parameter: Parameter): Range {
  return parameter.kind === 'categorical' ? (parameter.choices ?? []) : limits(parameter);
}

/** The ends of a range of numbers. */
export function limits({ low, high }: Parameter): readonly [number, number] {
  return [low ?? 0, high ?? 1];
}

function inside(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
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

/** To so many digits of what varies: the value itself (log), its distance to 1 (reverse_log), the span (linear). */
export function rounded(value: number, parameter: Parameter, digits = 3): number {
  if (parameter.log) return Number(value.toPrecision(digits));
  if (parameter.reverse_log) return tidy(1 - Number((1 - value).toPrecision(digits)));
  const [low, high] = limits(parameter);
  if (low === high) return value;
  const grain = 10 ** (Math.floor(Math.log10(high - low)) - digits);
  return tidy(Math.round(value / grain) * grain);
}

/** Drops the dust of binary fractions: 0.30000000000000004 -> 0.3. */
export function tidy(value: number): number {
  return Number(value.toPrecision(12));
}
