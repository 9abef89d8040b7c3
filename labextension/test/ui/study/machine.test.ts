import { describe, expect, it } from 'vitest';
import { createMachine, gpuText } from '../../../src/ui/study/machine';
import { snapshot } from '../../fixtures';
import { byId, openPart, text } from '../open_part';

const GPU = { index: '0', utilization: 34, used: 5.1e9, memory: 80e9 };

describe('the machine', () => {
  const running = { ...snapshot, trials: { ...snapshot.trials, slot: ['gpu/1', 'gpu/0', 'gpu/0', 'gpu/1'] } };

  it('is not shown before there is something to say', () => {
    const { node, kernel } = openPart(createMachine, running);
    expect(node.hidden).toBe(true);
    kernel.deliver({ type: 'machine', waits_for: '', slots: { 'local/0': [] } });
    expect(node.hidden).toBe(true);
  });

  it('says what trials wait for until they do not', () => {
    const { node, kernel } = openPart(createMachine, running);
    const waits_for = '2 trials wait for a free core; study <b>mnist</b> (process 7) holds 4';
    kernel.deliver({ type: 'machine', waits_for, slots: {} });
    expect(text(node, 'waits')).toBe(waits_for);
    expect(node.hidden).toBe(false);
    kernel.deliver({ type: 'machine', waits_for: '', slots: {} });
    expect(node.hidden).toBe(true);
  });

  it('shows how busy the GPU of each running trial is', () => {
    const { node, kernel } = openPart(createMachine, running);
    kernel.deliver({
      type: 'machine',
      waits_for: '',
      slots: { 'gpu/10': [{ ...GPU, index: '10' }], 'gpu/1': [{ ...GPU, index: '1' }] }
    });
    const lines = [...byId(node, 'slots').children].map(line => [...line.children].map(part => part.textContent));
    expect(lines).toEqual([
      ['trial 3', 'GPU 1 · 34 % · 5.1 of 80 GB'],
      ['', 'GPU 10 · 34 % · 5.1 of 80 GB']
    ]);
  });

  it('leaves out what the driver of the GPU does not tell', () => {
    expect(gpuText({ ...GPU, utilization: null })).toBe('GPU 0 · 5.1 of 80 GB');
    expect(gpuText({ index: '1:0', utilization: null, used: null, memory: null })).toBe('GPU 1:0');
    expect(gpuText({ ...GPU, used: 23.96e9, memory: 24e9 })).toBe('GPU 0 · 34 % · 24 of 24 GB');
  });
});
