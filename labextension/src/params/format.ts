/** Numbers and times as people read them. */
import type { Cell } from '../wire/protocol';

/** Between it and 1 as many digits as tell a number from 1. */
const NEAR_ONE = 0.999;

/** Up to four significant digits: 0.8312, 0.99995, 1240, 3.2e-5, 1.5e+12; counts stay whole. Python's number_in_words is the same. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e9) return minus(String(value));
  if (size >= 1e6 || size < 1e-3) return minus(value.toExponential(3).replace(/\.?0+e/, 'e'));
  if (size > NEAR_ONE && size < 1) return minus(String(Number(value.toFixed(1 - Math.floor(Math.log10(1 - size))))));
  return minus(String(Number(value.toPrecision(4))));
}

export function formatCell(cell: Cell | undefined): string {
  return cell === undefined || cell === null ? '–' : formatValue(cell);
}

/** A parameter's value: of a choice, None is one too. */
export function formatValue(value: Cell): string {
  return typeof value === 'number' ? formatNumber(value) : choiceName(value);
}

/** A choice as Python writes it, but strings without quotes. */
export function choiceName(choice: Cell): string {
  if (choice === null) return 'None';
  if (typeof choice === 'boolean') return choice ? 'True' : 'False';
  return String(choice);
}

/** 0.42 s, 8.3 s, 1 min 20 s, 2 h 5 min, 3 d 4 h: two units at most. */
export function formatDuration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds) || seconds < 0) return '–';
  if (seconds < 1) return `${Number(seconds.toFixed(2))} s`;
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  return inUnits(Math.round(seconds));
}

/** Whole seconds, for a running clock: 0 s, 8 s, 1 min 20 s. */
export function formatClock(seconds: number): string {
  return inUnits(Math.floor(Math.max(0, seconds)));
}

/** A moment of a study on a stopwatch: 0:08, 3:24, 1:02:05. */
export function formatMoment(seconds: number): string {
  const whole = Math.floor(Math.max(0, seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (count: number): string => String(count).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Time left, rounded as a forecast deserves: about 1 min 20 s left. */
export function formatTimeLeft(seconds: number): string {
  if (seconds < 5) return 'a few seconds left';
  const grain = seconds < 60 ? 5 : seconds < 600 ? 10 : seconds < 3600 ? 60 : 300;
  return `about ${inUnits(Math.round(seconds / grain) * grain)} left`;
}

const UNITS = [
  [86400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's']
] as const;

function inUnits(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const first = UNITS.findIndex(([size]) => seconds >= size);
  let rest = seconds;
  return UNITS.slice(first, first + 2)
    .map(([size, unit]) => {
      const count = Math.floor(rest / size);
      rest -= count * size;
      return [count, unit] as const;
    })
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

function minus(text: string): string {
  return text.replace(/^-/, '−');
}
