import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Listing, StudyServer } from '../../../src/lab/served/server';
import { SCHEMA_ID, Studies } from '../../../src/lab/served/studies';
import { row } from './rows';

interface Event {
  readonly schema_id: string;
  readonly [field: string]: unknown;
}

/** A server with answers and events from the test. */
function served(): {
  readonly studies: Studies;
  readonly asked: () => number;
  readonly answer: (listing: Listing | Error) => Promise<void>;
  readonly tell: (event: Event) => void;
} {
  const waiting: { resolve: (listing: Listing) => void; reject: (error: Error) => void }[] = [];
  let asked = 0;
  let tell: (event: Event) => void = () => undefined;
  const server = {
    list: () =>
      new Promise<Listing>((resolve, reject) => {
        asked++;
        waiting.push({ resolve, reject });
      })
  } as unknown as StudyServer;
  const stream = {
    connect: (listener: (sender: unknown, event: Event) => void) => {
      tell = event => {
        listener(null, event);
      };
    }
  };
  return {
    studies: new Studies(server, { stream }),
    asked: () => asked,
    answer: async listing => {
      const first = waiting.shift();
      if (listing instanceof Error) first?.reject(listing);
      else first?.resolve(listing);
      await vi.advanceTimersByTimeAsync(0);
    },
    tell: event => {
      tell(event);
    }
  };
}

const changed = (path: string, told: object | null): Event => ({ schema_id: SCHEMA_ID, path, row: told });

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('the list of studies', () => {
  it('is requested once, however often it is begun', async () => {
    const { studies, asked, answer } = served();
    expect(asked()).toBe(0);
    studies.begin();
    studies.begin();
    expect(asked()).toBe(1);
    expect(studies.isRead).toBe(false);
    await answer({ studies: [row], unread: 0 });
    expect(studies.isRead).toBe(true);
    expect(studies.list()).toEqual([row]);
  });

  it('keeps events that arrive before the answer', async () => {
    const { studies, answer, tell } = served();
    studies.begin();
    tell(changed(row.path, { ...row, done: 13 }));
    tell(changed('new.tune.db', { ...row, path: 'new.tune.db' }));
    await answer({ studies: [row], unread: 0 });
    expect(studies.get(row.path)?.done).toBe(13);
    expect(studies.get('new.tune.db')).toBeDefined();
  });

  it('removes studies by an event and by a new list', async () => {
    const { studies, answer, tell } = served();
    studies.begin();
    await answer({ studies: [row, { ...row, path: 'b.tune.db' }], unread: 0 });
    tell(changed('b.tune.db', null));
    expect(studies.list().map(({ path }) => path)).toEqual([row.path]);
    studies.refreshSoon();
    await answer({ studies: [], unread: 0 });
    expect(studies.list()).toEqual([]);
  });

  it('reports a change with the previous row, and ignores events of other schemas', async () => {
    const { studies, answer, tell } = served();
    studies.begin();
    await answer({ studies: [row], unread: 1 });
    const heard: unknown[] = [];
    studies.changed.connect((_, change) => heard.push(change));
    tell({ schema_id: 'of another', path: row.path, row: null });
    const ended = { ...row, state: 'ended' };
    tell(changed(row.path, ended));
    expect(heard).toEqual([{ row: ended, before: row, path: row.path }]);
    tell(changed('read.tune.db', { ...row, path: 'read.tune.db' }));
    expect(studies.unread).toBe(0);
  });

  it('is requested again after a failure, at growing intervals', async () => {
    const { studies, asked, answer } = served();
    studies.begin();
    await answer(new Error('The server answers 404 Not Found'));
    expect(studies.error).toBe('The server answers 404 Not Found');
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked()).toBe(2);
    await answer(new Error('again'));
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked()).toBe(2);
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked()).toBe(3);
    await answer({ studies: [row], unread: 0 });
    expect(studies.error).toBeNull();
    expect(studies.list()).toEqual([row]);
  });
});
