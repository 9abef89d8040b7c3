import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Snapshot } from '../../src/core/protocol';
import { createTrialTable } from '../../src/ui/trial_table';
import { openStore, snapshot } from '../fixtures';
import { byId, text } from './page';

function open(first: Snapshot = snapshot) {
  const { kernel, store } = openStore(first);
  const part = createTrialTable(store);
  document.body.append(part.node);
  store.subscribe(part.draw);
  part.draw();
  const numbers = (): (string | undefined)[] =>
    Array.from(part.node.querySelectorAll<HTMLElement>('.jt-row'), row => row.dataset.testid);
  const heading = (label: string): HTMLElement => {
    const found = Array.from(part.node.querySelectorAll('th')).find(th => th.textContent === label);
    if (!found) throw new Error(`no heading ${label}`);
    return found;
  };
  const sortBy = (label: string): void => {
    heading(label).querySelector('button')?.click();
  };
  return { kernel, store, part, node: part.node, numbers, heading, sortBy };
}

beforeEach(() => {
  vi.useFakeTimers();
  document.body.replaceChildren();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('createTrialTable', () => {
  it('shows the newest trial first, with its parameters and the metric by name', () => {
    const { node, numbers, heading } = open();
    expect(numbers()).toEqual(['trial-3', 'trial-2', 'trial-1', 'trial-0']);
    expect(heading('Trial').getAttribute('aria-sort')).toBe('descending');
    expect(text(node, 'trials')).toContain('accuracy');
    expect(text(node, 'trial-0')).toContain('relu');
  });

  it('shows the last report of a running trial as provisional', () => {
    const { node } = open();
    expect(byId(node, 'trial-3').querySelector('.jt-provisional')?.textContent).toBe('0.3');
    expect(byId(node, 'trial-0').querySelector('.jt-provisional')).toBeNull();
  });

  it('sorts by a column, both ways, with missing values last', () => {
    const { numbers, sortBy, heading } = open();
    sortBy('accuracy');
    expect(numbers()).toEqual(['trial-0', 'trial-1', 'trial-3', 'trial-2']);
    sortBy('accuracy');
    expect(numbers()).toEqual(['trial-1', 'trial-0', 'trial-3', 'trial-2']);
    expect(heading('accuracy').getAttribute('aria-sort')).toBe('ascending');
    expect(heading('Trial').getAttribute('aria-sort')).toBe('none');
  });

  it('keeps the same row elements when values change', () => {
    const { kernel, node } = open();
    const row = byId(node, 'trial-3');
    const trials = { number: [3], value: [0.77], state: ['complete'] };
    kernel.deliver({ type: 'delta', seq: 2, base: 1, status: snapshot.status, trials });
    expect(byId(node, 'trial-3')).toBe(row);
    expect(row.textContent).toContain('0.77');
    expect(row.textContent).toContain('complete');
  });

  it('asks for the log of a trial that is opened and shows it with the error, as text', () => {
    const { kernel, node } = open();
    byId(node, 'trial-2').click();
    expect(kernel.wishes()).toEqual([{ type: 'log', trial: 2 }]);
    expect(text(node, 'log')).toContain('ValueError: boom');
    kernel.deliver({ type: 'log', trial: 2, text: '<b>epoch</b> 1', error: 'Traceback…' });
    expect(text(node, 'log')).toContain('<b>epoch</b> 1');
    expect(byId(node, 'log').querySelector('b')).toBeNull();
    expect(byId(node, 'trial-2').querySelector('[aria-expanded]')?.getAttribute('aria-expanded')).toBe('true');
    byId(node, 'trial-2').click();
    expect(node.querySelector('[data-testid="log"]')).toBeNull();
  });

  it('asks again while the opened trial runs, and once more when it has ended', () => {
    const { kernel, node } = open();
    byId(node, 'trial-3').click();
    vi.advanceTimersByTime(4100);
    expect(kernel.wishes()).toHaveLength(3);
    const trials = { number: [3], state: ['complete'], value: [0.8] };
    kernel.deliver({ type: 'delta', seq: 2, base: 1, status: snapshot.status, trials });
    expect(kernel.wishes()).toHaveLength(4);
    vi.advanceTimersByTime(10000);
    expect(kernel.wishes()).toHaveLength(4);
  });

  it('draws a bounded number of rows and more on request', () => {
    const numbers = Array.from({ length: 450 }, (_, i) => i);
    const trials = { number: numbers, state: numbers.map(() => 'complete'), value: numbers };
    const { node, numbers: shown } = open({ ...snapshot, trials });
    expect(shown()).toHaveLength(200);
    byId(node, 'show-more').click();
    expect(shown()).toHaveLength(400);
    byId(node, 'show-more').click();
    expect(shown()).toHaveLength(450);
    expect(byId(node, 'show-more').hidden).toBe(true);
  });

  it('says so while there is no trial', () => {
    const { node } = open({ ...snapshot, trials: {}, points: {} });
    expect(node.textContent).toContain('No trial yet');
  });

  it('asks for nothing more once disposed', () => {
    const { kernel, node, part } = open();
    byId(node, 'trial-3').click();
    part.dispose();
    vi.advanceTimersByTime(10000);
    expect(kernel.wishes()).toHaveLength(1);
  });
});
