import { describe, expect, it } from 'vitest';
import type { Status } from '../../../src/wire/protocol';
import { createErrors } from '../../../src/ui/trials/errors';
import { snapshot, status } from '../../fixtures';
import { byId, openPart, type OpenPart } from '../open_part';

const ERRORS = [{ text: 'ValueError: no data', count: 3, trials: [1, 4, 5], where: 'line 8' }];

function open(fields: Partial<Status> = {}): OpenPart {
  return openPart(createErrors, { ...snapshot, status: { ...status, errors: ERRORS, ...fields } });
}

describe('createErrors', () => {
  it('is there only while something has failed', () => {
    expect(open().node.hidden).toBe(false);
    expect(open({ errors: [] }).node.hidden).toBe(true);
  });

  it('has failed trials run again, once for a click', () => {
    const { kernel, node } = open();
    const retry = byId(node, 'retry-failed') as HTMLButtonElement;
    retry.click();
    expect(retry.disabled).toBe(true);
    retry.click();
    expect(kernel.requests()).toEqual([{ type: 'retry', which: 'failed' }]);
  });

  it('can be asked again once they have run, also where they failed again at once', () => {
    const { kernel, node, part, store } = open();
    const retry = byId(node, 'retry-failed') as HTMLButtonElement;
    retry.click();
    const trials = { ...snapshot.trials, start_s: [0, 1, 99, 3] };
    kernel.deliver({ type: 'snapshot', ...snapshot, seq: 2, trials, status: { ...status, errors: ERRORS } });
    part.draw();
    expect(store.tables.trials.start_s).toEqual([0, 1, 99, 3]);
    expect(retry.disabled).toBe(false);
  });

  it('offers that in an ended study too, and not in one that is interrupted', () => {
    expect(byId(open({ state: 'ended' }).node, 'retry-failed').hidden).toBe(false);
    expect(byId(open({ state: 'interrupted' }).node, 'retry-failed').hidden).toBe(true);
  });
});
