import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../../src/wire/protocol';
import { bestFirst, sortedRows } from '../../../src/ui/trials/trial_columns';
import { createTrialTable } from '../../../src/ui/trials/trial_table';
import { snapshot } from '../../fixtures';
import { byId, openPart, press, text } from '../open_part';

function open(first: Snapshot = snapshot) {
  const opened = openPart(createTrialTable, first);
  const numbers = (): (string | undefined)[] =>
    Array.from(opened.node.querySelectorAll<HTMLElement>('.jt-row'), row => row.dataset.testid);
  const heading = (label: string): HTMLElement => {
    const found = Array.from(opened.node.querySelectorAll('th')).find(th => th.textContent === label);
    if (!found) throw new Error(`no heading ${label}`);
    return found;
  };
  const sortBy = (label: string): void => {
    heading(label).querySelector('button')?.click();
  };
  return { ...opened, numbers, heading, sortBy };
}

const many = Array.from({ length: 130 }, (_, i) => i);
const manyTrials = { number: many, state: many.map(() => 'complete'), value: many };

describe('createTrialTable', () => {
  it('shows the best trial first, then those that run, then pruned ones, the others last', () => {
    const { node, numbers, heading } = open();
    expect(numbers()).toEqual(['trial-0', 'trial-3', 'trial-1', 'trial-2']);
    expect(heading('accuracy').getAttribute('aria-sort')).toBe('descending');
    expect(text(node, 'trials')).toContain('accuracy');
    expect(text(node, 'trial-0')).toContain('relu');
  });

  it('shows the trials with a tag, and offers no choice where none has one', () => {
    const { node, numbers, kernel, heading } = open();
    const filter = byId(node, 'tag-filter') as HTMLSelectElement;
    expect(filter.hidden).toBe(true);
    const tagged = { ...snapshot.trials, tags: ['good\nlr=a,b', '', 'good', ''], note: ['', '', 'see', ''] };
    kernel.deliver({ type: 'snapshot', ...snapshot, seq: 2, trials: tagged });
    expect(filter.hidden).toBe(false);
    expect([...filter.options].map(({ text }) => text)).toEqual(['all tags', 'good (2)', 'lr=a,b (1)']);
    expect(text(node, 'trial-0')).toContain('good, lr=a,b');
    expect(heading('Note').textContent).toBe('Note');
    filter.value = 'good';
    filter.dispatchEvent(new Event('change'));
    expect(numbers()).toEqual(['trial-0', 'trial-2']);
    // the choice stays while trials arrive, and goes with its tag
    kernel.deliver({
      type: 'snapshot',
      ...snapshot,
      seq: 3,
      trials: { ...tagged, tags: ['good', 'x', 'good', 'good'] }
    });
    expect(numbers()).toEqual(['trial-0', 'trial-3', 'trial-2']);
    kernel.deliver({ type: 'snapshot', ...snapshot, seq: 4, trials: { ...tagged, tags: ['', 'x', '', ''] } });
    expect(numbers()).toHaveLength(4);
    kernel.deliver({ type: 'snapshot', ...snapshot, seq: 5 });
    expect(filter.hidden).toBe(true);
    expect(numbers()).toHaveLength(4);
  });

  it('says where a trial ran if that is not the same for all', () => {
    const trials = { ...snapshot.trials, slot: ['local/0', 'local/1', 'local/0', null] };
    expect(() => open({ ...snapshot, trials }).heading('Slot')).toThrow();
    const { node, heading } = open({ ...snapshot, trials: { ...trials, slot: ['gpu/0', 'gpu/1/0', 'gpu/0', null] } });
    expect(heading('Slot')).toBeTruthy();
    expect(text(node, 'trial-1')).toContain('gpu/1/0');
  });

  it('says whose idea a trial was', () => {
    const { node } = open({ ...snapshot, trials: { ...snapshot.trials, source: ['default', 'gp', 'gp', 'user'] } });
    expect(text(node, 'trial-0')).toContain('default');
    expect(byId(node, 'trial-3').querySelector('td:nth-last-child(2)')?.textContent).toBe('you');
  });

  it('shows the last report of a running trial as provisional', () => {
    const { node } = open();
    expect(byId(node, 'trial-3').querySelector('.jt-provisional')?.textContent).toBe('0.3');
    expect(byId(node, 'trial-0').querySelector('.jt-provisional')).toBeNull();
  });

  it('sorts by a column, both ways, with missing values last', () => {
    const { numbers, sortBy, heading } = open();
    sortBy('lr');
    expect(numbers()).toEqual(['trial-1', 'trial-3', 'trial-0', 'trial-2']);
    sortBy('Step');
    expect(numbers()).toEqual(['trial-0', 'trial-3', 'trial-1', 'trial-2']);
    sortBy('Step');
    expect(numbers()).toEqual(['trial-1', 'trial-3', 'trial-0', 'trial-2']);
    expect(heading('Step').getAttribute('aria-sort')).toBe('ascending');
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

  it('selects a trial by a click on its row, and lets it go by another', () => {
    const { store, node } = open();
    byId(node, 'trial-2').click();
    expect(store.selected).toBe(2);
    expect(byId(node, 'trial-2').querySelector('[aria-expanded]')?.getAttribute('aria-expanded')).toBe('true');
    byId(node, 'trial-2').click();
    expect(store.selected).toBeNull();
  });

  it('goes from row to row by the arrow keys, with one row in the tab order', () => {
    const { node } = open();
    const opener = (id: string): HTMLElement | null => byId(node, id).querySelector('.jt-open');
    opener('trial-0')?.focus();
    if (document.activeElement instanceof HTMLElement) press(document.activeElement, 'ArrowDown');
    expect(document.activeElement).toBe(opener('trial-3'));
    const stops = Array.from(node.querySelectorAll<HTMLElement>('.jt-open')).filter(({ tabIndex }) => tabIndex === 0);
    expect(stops).toEqual([opener('trial-3')]);
  });

  it('draws as many rows as it takes to show the selected trial', () => {
    const { store, node } = open({ ...snapshot, trials: manyTrials });
    store.select(10);
    expect(byId(node, 'trial-10').classList.contains('jt-row-open')).toBe(true);
  });

  it('has equals in the order of their numbers, best first in both directions: the earlier is the best trial', () => {
    const trials = { number: [0, 1, 2, 3], state: Array<string>(4).fill('complete'), value: [0.5, 0.7, 0.7, 0.5] };
    expect(sortedRows(trials, bestFirst(snapshot.status))).toEqual([1, 2, 0, 3]);
    expect(sortedRows(trials, bestFirst({ ...snapshot.status, direction: 'minimize' }))).toEqual([0, 3, 1, 2]);
  });

  it('says how many of the trials of a large study it has', () => {
    const counts = { waiting: 0, running: 0, complete: 9000, pruned: 0, failed: 0, cancelled: 0 };
    const { node } = open({ ...snapshot, status: { ...snapshot.status, counts, shown: 4 } });
    expect(node.textContent).toContain('4 of 9000 shown: the best, the newest and a sample');
  });

  it('draws a bounded number of rows and more on request', () => {
    const { node, numbers: shown } = open({ ...snapshot, trials: manyTrials });
    expect(shown()).toHaveLength(100);
    byId(node, 'show-more').click();
    expect(shown()).toHaveLength(130);
    expect(byId(node, 'show-more').hidden).toBe(true);
  });

  it('puts the lowest value first where the metric is minimised', () => {
    const trials = { number: [0, 1, 2], state: ['complete', 'complete', 'pruned'], value: [0.9, 0.5, 0.1] };
    const { numbers, heading } = open({ ...snapshot, trials, status: { ...snapshot.status, direction: 'minimize' } });
    expect(numbers()).toEqual(['trial-1', 'trial-0', 'trial-2']);
    expect(heading('accuracy').getAttribute('aria-sort')).toBe('ascending');
  });

  it('marks a value that is no number, and says why each trial ended', () => {
    const trials = {
      number: [0, 1, 2, 3],
      state: ['complete', 'pruned', 'failed', 'complete'],
      value: [0.9, 0.2, null, null],
      nonfinite: ['', '', '', 'NaN'],
      error: ['', '', 'ValueError: boom', ''],
      reason: ['', 'behind its rivals at step 3', '', '']
    };
    const { node, numbers } = open({ ...snapshot, trials });
    expect(numbers()).toEqual(['trial-0', 'trial-1', 'trial-3', 'trial-2']);
    expect(byId(node, 'trial-3').querySelector('.jt-no-number')?.textContent).toBe('NaN');
    expect(text(node, 'trial-1')).toContain('behind its rivals at step 3');
    expect(text(node, 'trial-2')).toContain('ValueError: boom');
    expect(text(node, 'trial-3')).toContain('its value is NaN, which is never the best');
    const states = Array.from(node.querySelectorAll<HTMLElement>('tbody td:nth-child(3)'), ({ title }) => title);
    expect(states[1]).toBe('behind its rivals at step 3');
    // no cell of a value is blank
    for (const cell of node.querySelectorAll('tbody td:nth-child(2)')) expect(cell.textContent).not.toBe('');
  });

  it('touches only the rows that change', async () => {
    const { kernel, node } = open({ ...snapshot, trials: manyTrials });
    const touched = new Set<Node>();
    const observer = new MutationObserver(records => {
      for (const { target } of records) touched.add(target);
    });
    const watched = { subtree: true, childList: true, characterData: true, attributes: true };
    observer.observe(node.querySelector('tbody') ?? node, watched);
    const trials = { number: [100], value: [100.5] };
    kernel.deliver({ type: 'delta', seq: 2, base: 1, status: snapshot.status, trials });
    await Promise.resolve();
    observer.disconnect();
    const rows = new Set([...touched].map(target => (target as HTMLElement).closest('tr')?.dataset.testid));
    expect([...rows]).toEqual(['trial-100']);
  });

  it('says so while there is no trial', () => {
    const { node } = open({ ...snapshot, trials: {}, points: {} });
    expect(node.textContent).toContain('No trial yet');
  });
});
