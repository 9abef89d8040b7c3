import { describe, expect, it } from 'vitest';
import { canWrite, offerStudy, offerToWrite, write, type StudyFacts } from '../../../src/doors';
import { isWritable, writeInto, type WritableCell } from '../../../src/lab/applying/writing';
import { createBest } from '../../../src/ui/study/best';
import { openStore, parameters, snapshot, status } from '../../fixtures';

const CELL = '%%tune\nlr: Float(1e-4, 1e-1, log=True) = 1e-3\nwidth: Int(10, 20) = 16';

/** A cell whose shared text counts its transactions and the steps of undo that they end. */
function cellOf(
  text: string,
  { readOnly = false, type = 'code' } = {}
): WritableCell & { text: string; log: string[] } {
  const log: string[] = [];
  const node = document.createElement('div');
  const cell = {
    node,
    readOnly,
    log,
    text,
    model: {
      type,
      sharedModel: {
        getSource: () => cell.text,
        updateSource: (start: number, end: number, value = '') => {
          log.push('update');
          cell.text = cell.text.slice(0, start) + value + cell.text.slice(end);
        },
        transact: (change: () => void) => {
          log.push('begin');
          change();
          log.push('end');
        },
        undoManager: { stopCapturing: () => void log.push('seal') }
      }
    }
  };
  return cell;
}

const study: StudyFacts = {
  name: 'mnist',
  state: 'ended',
  isLive: false,
  metric: 'accuracy',
  direction: 'maximize',
  parameters,
  ranges: {},
  best: { number: 3, value: 0.9, params: { lr: 0.02, width: 12 } },
  aroundBest: { lr: [0.01, 0.05], width: [11, 14] },
  tried: {}
};

describe('writeInto', () => {
  it('makes all changes as one step of undo, apart from what was typed before and after', () => {
    const cell = cellOf(CELL);
    expect(writeInto(cell, study, 'best')).toBe('lr = 0.02, width = 12 written as defaults.');
    expect(cell.text).toBe(CELL.replace('1e-3', '2e-2').replace('= 16', '= 12'));
    expect(cell.log).toEqual(['seal', 'begin', 'update', 'update', 'end', 'seal']);
    cell.log.length = 0;
    expect(writeInto(cell, study, 'best')).toBe('The defaults are the best values already.');
    expect(cell.log).toEqual([]);
  });

  it('leaves a cell alone that is read-only or not tuned, and a study that has found nothing', () => {
    for (const cell of [
      cellOf(CELL, { readOnly: true }),
      cellOf(CELL.replace('%%tune', '%%time')),
      cellOf(CELL, { type: 'raw' })
    ]) {
      expect(isWritable(cell)).toBe(false);
      expect(writeInto(cell, study, 'best')).toContain('cannot be changed');
      expect(cell.log).toEqual([]);
    }
    const cell = cellOf(CELL);
    expect(writeInto(cell, { ...study, best: null }, 'best')).toBe('There is no best trial yet.');
    expect(writeInto(cell, { ...study, aroundBest: {} }, 'ranges')).toContain('three trials');
    expect(cell.text).toBe(CELL);
  });
});

describe('a dashboard in a cell', () => {
  const open = (cell: WritableCell | null) => {
    const around_best = { lr: [0.01, 0.05], width: [5, 14] };
    const best = { number: 0, value: 0.9, params: { lr: 0.02, width: 12 }, literal: '{}' };
    const { kernel, store } = openStore({ ...snapshot, status: { ...status, best, around_best } });
    const host = cell?.node ?? document.createElement('div');
    const dashboard = document.createElement('section');
    dashboard.className = 'jt-dashboard';
    host.append(dashboard);
    document.body.replaceChildren(host);
    const stops = [
      offerStudy(host, store),
      offerToWrite(document, {
        canWrite: part => cell !== null && cell.node.contains(part) && isWritable(cell),
        write: (part, facts, what) => (cell?.node.contains(part) ? writeInto(cell, facts, what) : null)
      })
    ];
    const part = createBest(store);
    dashboard.append(part.node);
    part.draw();
    const find = (id: string): HTMLButtonElement => {
      const found = part.node.querySelector<HTMLButtonElement>(`[data-testid="${id}"]`);
      if (!found) throw new Error(id);
      return found;
    };
    const close = (): void => {
      for (const stop of stops) stop();
    };
    return { kernel, store, part, find, close };
  };

  it('writes by its buttons, says what, and has a study that runs search the ranges', () => {
    const cell = cellOf(CELL);
    const { find, store, kernel, close } = open(cell);
    expect(find('apply-best').hidden).toBe(false);
    find('apply-best').click();
    expect(cell.text).toBe(CELL.replace('1e-3', '2e-2').replace('= 16', '= 12'));
    expect(store.notices.at(-1)?.text).toBe('lr = 0.02, width = 12 written as defaults.');
    find('narrow-best').click();
    expect(cell.text).toContain('lr: Float(1e-2, 5e-2, log=True) = 2e-2');
    expect(cell.text).toContain('width: Int(10, 14) = 12');
    expect(kernel.sent).toContainEqual(
      expect.objectContaining({ type: 'narrow', ranges: { lr: [0.01, 0.05], width: [10, 14] } })
    );
    expect(store.notices.at(-1)?.text).toContain('The running study searches them too.');
    close();
  });

  it('has no such buttons where its cell cannot be written, or nobody writes', () => {
    for (const cell of [cellOf(CELL, { readOnly: true }), null]) {
      const { find, part, close } = open(cell);
      expect(find('apply-best').hidden).toBe(true);
      expect(find('narrow-best').hidden).toBe(true);
      expect(find('copy-best').hidden).toBe(false);
      close();
      expect(canWrite(part.node)).toBe(false);
      expect(write(part.node, 'best')).toBeNull();
    }
  });
});
