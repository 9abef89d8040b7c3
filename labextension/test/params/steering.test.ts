import { describe, expect, it } from 'vitest';
import type { Parameter } from '../../src/wire/protocol';
import { nearestValue, paramsText, parseParams, parseValue } from '../../src/params/steering';
import { parameters } from '../fixtures';

const [lr, width, act] = parameters as [Parameter, Parameter, Parameter];
const dropout: Parameter = { name: 'dropout', kind: 'float', low: 0, high: 0.5, step: 0.05 };
const flag: Parameter = { name: 'flag', kind: 'categorical', choices: [true, 1, 'True?'] };

describe('parseValue', () => {
  it('takes a value as typed, all its digits', () => {
    expect(parseValue(lr, ' 0.00123456 ')).toEqual({ value: 0.00123456 });
    expect(parseValue(act, 'tanh')).toEqual({ value: 'tanh' });
    expect(parseValue(flag, 'True')).toEqual({ value: true });
    expect(parseValue(dropout, '0.35')).toEqual({ value: 0.35 });
  });

  it.each([
    [lr, '1', 'lr: 1 lies outside the declared range; type a value from 1e-4 to 0.1'],
    [lr, 'fast', 'lr: fast is not a number'],
    [width, '12.5', 'width: 12.5 is not a whole number; the nearest is 13'],
    [dropout, '0.33', 'dropout: 0.33 is not in steps of 0.05; the nearest is 0.35'],
    [act, 'elu', 'act: elu is not a choice; use one of relu, tanh']
  ])('says what is wrong and what would be right: %o %s', (parameter, typed, error) => {
    expect(parseValue(parameter, typed)).toEqual({ error });
  });
});

describe('parseParams', () => {
  it('leaves what is empty to the sampler, and stops at the first error', () => {
    expect(parseParams(parameters, { lr: '', width: '12', act: '' })).toEqual({ value: { width: 12 } });
    expect(parseParams(parameters, { lr: '7', width: '12.5' })).toHaveProperty('error', expect.stringMatching(/^lr:/));
  });
});

describe('nearestValue', () => {
  it('rounds a place on an axis to an allowed value of few digits', () => {
    expect(nearestValue(lr, 0.00312345)).toBe(0.00312);
    expect(nearestValue(width, 99)).toBe(20);
  });
});

describe('paramsText', () => {
  it('reads as an assignment', () => {
    expect(paramsText({ lr: 0.0031, act: 'relu', nesterov: true })).toBe('lr = 0.0031, act = relu, nesterov = True');
  });
});
