/** Turns what a person typed or clicked into values the study takes, or into a sentence that says why not. */
import { choiceName, formatNumber, formatValue } from './format';
import type { Cell, Parameter, Params } from '../wire/protocol';
import { limits, onGrid, scaleOf, stepOf } from './scale';

export type Checked<T> = { readonly value: T } | { readonly error: string };

/** The declared extent of a parameter in words: 1e-4 to 0.1, log; 3 choices. */
export function describeRange(parameter: Parameter): string {
  if (parameter.kind === 'categorical') return `${parameter.choices?.length ?? 0} choices`;
  const ends = limits(parameter).map(formatNumber).join(' to ');
  const kind = parameter.log ? ', log' : parameter.reverse_log ? ', reverse log' : '';
  return ends + kind + (parameter.step ? `, step ${formatNumber(parameter.step)}` : '');
}

export function varying(parameters: readonly Parameter[]): Parameter[] {
  return parameters.filter(({ kind }) => kind !== 'constant');
}

/** A value for this parameter from what was typed, within what was declared. */
export function parseValue(parameter: Parameter, typed: string): Checked<Cell> {
  const { name } = parameter;
  const text = typed.trim();
  if (parameter.kind === 'categorical') {
    const choices = parameter.choices ?? [];
    const choice = choices.find(known => choiceName(known) === text);
    if (choice !== undefined) return { value: choice };
    return { error: `${name}: ${text} is not a choice; use one of ${choices.map(choiceName).join(', ')}` };
  }
  const value = typedNumber(text);
  if (!Number.isFinite(value)) return { error: `${name}: ${text || 'nothing'} is not a number` };
  const { low, high } = scaleOf(parameter);
  if (value < low || value > high) {
    const way = `type a value from ${formatNumber(low)} to ${formatNumber(high)}`;
    return { error: `${name}: ${formatNumber(value)} lies outside the declared range; ${way}` };
  }
  const step = stepOf(parameter);
  const nearest = onGrid(parameter, value);
  if (step !== null && Math.abs(nearest - value) > 1e-9 * Math.max(1, Math.abs(value))) {
    const grid = parameter.kind === 'int' && step === 1 ? 'a whole number' : `in steps of ${formatNumber(step)}`;
    return { error: `${name}: ${formatNumber(value)} is not ${grid}; the nearest is ${formatNumber(nearest)}` };
  }
  return { value: nearest };
}

/** The number that was typed, also with the minus sign that numbers are shown with; NaN for anything else. */
export function typedNumber(typed: string): number {
  const text = typed.trim().replace(/^−/, '-');
  return text === '' ? NaN : Number(text);
}

/** All that was typed, by parameter; empty fields are left to the sampler. The first error wins. */
export function parseParams(
  parameters: readonly Parameter[],
  typed: Readonly<Record<string, string>>
): Checked<Params> {
  const params: Record<string, Cell> = {};
  for (const parameter of parameters) {
    const text = typed[parameter.name] ?? '';
    if (text.trim() === '') continue;
    const checked = parseValue(parameter, text);
    if ('error' in checked) return checked;
    params[parameter.name] = checked.value;
  }
  return { value: params };
}

/** The allowed number nearest to a value on a chart's axis. */
export function nearestValue(parameter: Parameter, place: Cell): number | null {
  const scale = scaleOf(parameter);
  const value = Number(place);
  return Number.isFinite(value) ? scale.value(scale.position(value)) : null;
}

/** lr = 0.0031, width = 80 */
export function paramsText(params: Params): string {
  const parts = Object.entries(params).map(([name, cell]) => `${name} = ${formatValue(cell)}`);
  return parts.join(', ') || 'all values by the sampler';
}
