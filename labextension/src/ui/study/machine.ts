/** What the study has of its machine: what trials wait for, and how busy the GPUs of running trials are. */
import type { GpuUse } from '../../wire/protocol';
import type { Store } from '../../wire/store';
import type { Rows } from '../../wire/tables';
import { element, setText, whenChanged } from '../page/dom';
import type { Part } from '../page/part';

interface Line {
  readonly slot: string;
  readonly trial: string;
  readonly gpus: string;
}

export function createMachine(store: Store): Part {
  const waits = element('p', { class: 'jt-waits', role: 'status', testid: 'waits' });
  const slots = element('ul', { class: 'jt-slots', testid: 'slots', 'aria-label': 'GPUs of running trials' });
  const node = element('div', { class: 'jt-machine' }, waits, slots);
  const drawSlots = whenChanged((lines: readonly Line[]) => {
    const items = lines.map(({ slot, trial, gpus }) =>
      element(
        'li',
        { class: 'jt-slot', title: `Slot ${slot}` },
        element('span', { class: 'jt-slot-trial' }, trial),
        element('span', {}, gpus)
      )
    );
    slots.replaceChildren(...items);
  });
  return {
    node,
    draw() {
      const { waits_for = '', slots: used = {} } = store.machine ?? {};
      const lines = linesOf(used, store.tables.trials);
      setText(waits, waits_for);
      waits.hidden = waits_for === '';
      drawSlots(lines);
      slots.hidden = lines.length === 0;
      node.hidden = waits.hidden && slots.hidden;
    }
  };
}

function linesOf(used: Readonly<Record<string, readonly GpuUse[]>>, trials: Rows): Line[] {
  const { slot: places = [], state = [], number = [] } = trials;
  return Object.entries(used)
    .filter(([, gpus]) => gpus.length > 0)
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([slot, gpus]) => {
      const row = places.findIndex((place, index) => place === slot && state[index] === 'running');
      // of a large study not every trial is in the table
      const trial = row < 0 ? '' : `trial ${String(number[row])}`;
      return { slot, trial, gpus: gpus.map(gpuText).join(', ') };
    });
}

/** "GPU 0 · 34 % · 5.1 of 80 GB", without what is not known. */
export function gpuText({ index, utilization, used, memory }: GpuUse): string {
  const parts = [`GPU ${index}`];
  if (utilization !== null) parts.push(`${utilization} %`);
  if (used !== null && memory !== null) parts.push(`${gigabytes(used)} of ${gigabytes(memory)} GB`);
  return parts.join(' · ');
}

function gigabytes(bytes: number): string {
  const amount = bytes / 1e9;
  return amount < 9.95 ? amount.toFixed(1) : String(Math.round(amount));
}
