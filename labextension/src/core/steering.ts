/** Turns what a person typed or clicked into values the study takes, or into a sentence that says why not. */
import { choiceName, formatNumber } from './format';
import type { Cell, Parameter, Params } from './protocol';
import { scaleOf } from './scale';

export type Checked<T> = { readonly value: T } | { readonly error: string };

/** The declared extent of a parameter in words: 1e-4 to 0.1, log; 3 choices. */
export function describeRange(parameter: Parameter): string {
  if (parameter.kind === 'categorical') return `${parameter.choices?.length ?? 0} choices`;
  const limits = `${formatNumber(parameter.low ?? 0)} to ${formatNumber(parameter.high ?? 1)}`;
  const kind = parameter.log ? ', log' : parameter.reverse_log ? ', reverse log' : '';
  return limits + kind + (parameter.step ? `, step ${formatNumber(parameter.step)}` : '');
}

export function varying(parameters: readonly Parameter[]): Parameter[] {
  return parameters.filter(({ kind }) => kind !== 'constant');
}

/** A value for this parameter from what was typed, within what was declared. */
export function parseValue(parameter: Parameter, typed: string): Checked<Cell> {
  const { name } = parameter;
  const text = typed.trim().replace(/^−/, '-');
  if (parameter.kind === 'categorical') {
    const choices = parameter.choices ?? [];
    const choice = choices.find(known => choiceName(known) === text);
    if (choice !== undefined) return { value: choice };
    return { error: `${name}: ${text} is not a choice; use one of ${choices.map(choiceName).join(', ')}` };
  }
  const value = Number(text);
  if (text === '' || !Number.isFinite(value)) return { error: `${name}: ${text || 'nothing'} is not a number` };
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

/** The allowed value nearest to a place on a chart's axis; for a categorical, the choice of that name. */
export function nearestValue(parameter: Parameter, place: Cell): Cell | null {
  if (parameter.kind === 'categorical') {
    return (parameter.choices ?? []).find(choice => choice === place || choiceName(choice) === String(place)) ?? null;
  }
  const scale = scaleOf(parameter);
  const value = Number(place);
  return Number.isFinite(value) ? scale.value(scale.position(value)) : null;
}

/** lr = 0.0031, width = 80 */
export function paramsText(params: Params): string {
  const parts = Object.entries(params).map(([name, cell]) => `${name} = ${valueText(cell)}`);
  return parts.join(', ') || 'the sampler chooses everything';
}

export function valueText(cell: Cell): string {
  return typeof cell === 'number' ? formatNumber(cell) : choiceName(cell);
}

function stepOf(parameter: Parameter): number | null {
  return parameter.step ?? (parameter.kind === 'int' ? 1 : null);
}

/** The value itself, or the nearest on the grid of a stepped parameter. */
export function onGrid(parameter: Parameter, value: number): number {
  const { low, high } = scaleOf(parameter);
  const step = stepOf(parameter);
  const inside = Math.min(high, Math.max(low, value));
  if (step === null) return inside;
  const last = Math.floor((high - low) / step + 1e-9);
  return Number((low + step * Math.min(last, Math.max(0, Math.round((inside - low) / step)))).toPrecision(12));
}
