import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Snapshot } from '../../../src/wire/protocol';
import { createDetail } from '../../../src/ui/trials/detail';
import { snapshot, status } from '../../fixtures';
import { byId, openPart, text, type OpenPart } from '../open_part';

function open(first: Snapshot = snapshot): OpenPart {
  return openPart(createDetail, first);
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('createDetail', () => {
  it('is there only while a trial is selected', () => {
    const { node, store } = open();
    expect(node.hidden).toBe(true);
    store.select(0);
    expect(node.hidden).toBe(false);
    node.querySelector<HTMLElement>('[aria-label="Close the trial"]')?.click();
    expect(node.hidden).toBe(true);
  });

  it('shows the parameters the trial has, its value and where it came from', () => {
    const { node, store } = open();
    store.select(0);
    expect(text(node, 'detail-params')).toBe('lr0.01actrelu');
    expect(node.textContent).toContain('accuracy0.9');
    expect(node.textContent).toContain('fromdefault');
    store.select(3);
    expect(text(node, 'detail-params')).toBe('lr0.03');
    expect(node.textContent).toContain('0.3 so far');
  });

  it('names the libraries of a trial only where they were not the notebook’s', () => {
    const { node, store } = open({
      ...snapshot,
      trials: { ...snapshot.trials, versions: ['', 'torch 2.9.0', '', ''] }
    });
    store.select(1);
    expect(node.textContent).toContain('librariestorch 2.9.0, unlike the notebook');
    store.select(0);
    expect(node.textContent).not.toContain('libraries');
  });

  it('tells the choice None from a parameter that the trial does not have, and runs it again', () => {
    const trials = { ...snapshot.trials, nones: ['clip', '', '', ''], 'p:clip': [null, null, 0.5, null] };
    const { kernel, node, store } = open({ ...snapshot, trials });
    store.select(1);
    expect(text(node, 'detail-params')).not.toContain('clip');
    store.select(0);
    expect(text(node, 'detail-params')).toContain('clipNone');
    byId(node, 'run-again').click();
    expect(kernel.requests().at(-1)).toEqual({ type: 'enqueue', params: { lr: 0.01, act: 'relu', clip: null } });
  });

  it('asks for the log of the trial and shows it with the error, as text', () => {
    const { kernel, node, store } = open();
    store.select(2);
    expect(kernel.requests()).toEqual([{ type: 'log', trial: 2 }]);
    expect(text(node, 'log')).toContain('ValueError: boom');
    kernel.deliver({ type: 'log', trial: 2, text: '<b>epoch</b> 1', error: 'Traceback…' });
    expect(text(node, 'log')).toContain('<b>epoch</b> 1');
    expect(byId(node, 'log').querySelector('b')).toBeNull();
  });

  it('asks again while the trial runs, and once more when it has ended', () => {
    const { kernel, store } = open();
    store.select(3);
    vi.advanceTimersByTime(4100);
    expect(kernel.requests()).toHaveLength(3);
    const trials = { number: [3], state: ['complete'], value: [0.8] };
    kernel.deliver({ type: 'delta', seq: 2, base: 1, status, trials });
    expect(kernel.requests()).toHaveLength(4);
    vi.advanceTimersByTime(10000);
    expect(kernel.requests()).toHaveLength(4);
  });

  it('asks for no log that it does not show, and for none of a study whose driver is gone', () => {
    const { kernel, store } = open();
    store.select(3);
    store.select(77);
    vi.advanceTimersByTime(10000);
    expect(kernel.requests()).toEqual([{ type: 'log', trial: 3 }]);
    store.select(3);
    kernel.deliver({ type: 'delta', seq: 2, base: 1, status: { ...status, state: 'interrupted' } });
    const before = kernel.requests().length;
    vi.advanceTimersByTime(10000);
    expect(kernel.requests()).toHaveLength(before);
  });

  it('keeps the elements of what has not changed, and what is selected in them', () => {
    const { kernel, node, store } = open();
    store.select(3);
    const shown = Array.from(node.querySelectorAll('dd'));
    kernel.deliver({ type: 'delta', seq: 2, base: 1, status: { ...status, elapsed_s: 99 } });
    expect(Array.from(node.querySelectorAll('dd'))).toEqual(shown);
    expect(shown.every(fact => node.contains(fact))).toBe(true);
  });

  it('draws the curve of a trial with more than one report', () => {
    const { node, store } = open();
    store.select(0);
    expect(node.querySelector('polyline')?.getAttribute('points')?.split(' ')).toHaveLength(3);
    expect(node.querySelector('svg')?.getAttribute('aria-label')).toContain('step 1: 0.4, step 3: 0.9');
    store.select(1);
    expect(node.querySelector<HTMLElement>('.jt-sparkline')?.hidden).toBe(true);
  });

  it('passes over reports without a value in the curve', () => {
    const points = { number: [0, 0, 0], step: [1, 2, 3], value: [0.4, null, 0.9] };
    const { node, store } = open({ ...snapshot, points });
    store.select(0);
    expect(node.querySelector('polyline')?.getAttribute('points')).toBe('4.0,60.0 236.0,4.0');
  });

  it('offers to halt a running trial only, and to run any again', () => {
    const { kernel, node, store } = open();
    store.select(3);
    byId(node, 'prune').click();
    byId(node, 'cancel').click();
    store.select(0);
    expect([byId(node, 'prune').hidden, byId(node, 'cancel').hidden]).toEqual([true, true]);
    byId(node, 'run-again').click();
    expect(kernel.requests().filter(({ type }) => type !== 'log')).toEqual([
      { type: 'halt', trial: 3, state: 'pruned' },
      { type: 'halt', trial: 3, state: 'cancelled' },
      { type: 'enqueue', params: { lr: 0.01, act: 'relu' } }
    ]);
  });

  it('offers to run a trial of an ended study again, and nothing else', () => {
    const { kernel, node, store } = open({ ...snapshot, status: { ...status, state: 'ended' } });
    store.select(0);
    const offered = [...node.querySelectorAll<HTMLButtonElement>('.jt-actions button')].filter(made => !made.hidden);
    expect(offered.map(made => made.textContent)).toEqual(['Run again']);
    offered[0]?.click();
    expect(kernel.requests().at(-1)).toEqual({ type: 'enqueue', params: { lr: 0.01, act: 'relu' } });
  });

  it('offers to run a failed trial again as what it is, not as another', () => {
    const { kernel, node, store } = open();
    store.select(2);
    expect([byId(node, 'retry').hidden, byId(node, 'run-again').hidden]).toEqual([false, true]);
    byId(node, 'retry').click();
    expect(kernel.requests().at(-1)).toEqual({ type: 'retry', which: 2 });
  });

  it('offers nothing after an interruption, and says so when the trial is not shown', () => {
    const { node, store } = open({ ...snapshot, status: { ...status, state: 'interrupted' } });
    store.select(3);
    expect(node.querySelector<HTMLElement>('.jt-actions')?.hidden).toBe(true);
    store.select(77);
    expect(node.textContent).toContain('not in the table of this large study');
  });

  it('asks for nothing more once disposed', () => {
    const { kernel, part, store } = open();
    store.select(3);
    part.dispose?.();
    vi.advanceTimersByTime(10000);
    expect(kernel.requests()).toHaveLength(1);
  });
});
