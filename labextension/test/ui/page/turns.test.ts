import { describe, expect, it } from 'vitest';
import { createTurns, INTERVAL_MS, REST, REST_MS, type Clock, type Turn, type Turns } from '../../../src/ui/page/turns';

const FRAME_MS = 5;

/** A page with a clock of its own: what takes time moves it, and it is idle in between. */
class Page {
  time = 0;
  /** How long drawing took in all, with its frames. */
  busy = 0;
  readonly log: { readonly name: string; readonly began: number; readonly ended: number }[] = [];
  readonly turns: Turns;
  private queue: { at: number; callback: () => void }[] = [];

  constructor() {
    const clock: Clock = {
      now: () => this.time,
      after: (ms, callback) => this.at(this.time + ms, callback),
      afterFrame: callback =>
        this.at(this.time, () => {
          this.spend(FRAME_MS);
          callback(FRAME_MS);
        })
    };
    this.turns = createTurns(clock);
  }

  at(at: number, callback: () => void): () => void {
    const task = { at, callback };
    this.queue.push(task);
    return () => {
      this.queue = this.queue.filter(other => other !== task);
    };
  }

  spend(ms: number): void {
    this.time += ms;
    this.busy += ms;
  }

  /** A part of the page whose draws take so long. */
  part(name: string, cost: () => number, ahead = false): Turn {
    return this.turns.join(
      () => {
        const began = this.time;
        this.spend(cost());
        this.log.push({ name, began, ended: this.time });
      },
      { ahead }
    );
  }

  /** Asks `turns` each so many milliseconds, as a running study does. */
  feed(turns: readonly Turn[], every: number, until: number): void {
    for (let at = 0; at < until; at += every) {
      this.at(at, () => {
        for (const turn of turns) turn.request();
      });
    }
  }

  runUntil(end: number): void {
    for (;;) {
      const next = this.queue.reduce<(typeof this.queue)[number] | null>(
        (first, task) => (task.at <= end && (!first || task.at < first.at) ? task : first),
        null
      );
      if (!next) break;
      this.queue = this.queue.filter(task => task !== next);
      this.time = Math.max(this.time, next.at);
      next.callback();
    }
    this.time = Math.max(this.time, end);
  }

  count(name: string): number {
    return this.log.filter(draw => draw.name === name).length;
  }
}

/** The same numbers each time, from 0 to 1. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16807) % 2147483647) / 2147483647;
}

describe('turns', () => {
  it.each([1, 2, 3, 4, 5])('leave the page most of its time, however many ask (%i)', seed => {
    const page = new Page();
    const random = numbers(seed);
    const parts = Array.from({ length: 2 + 3 * seed }, (_, index) =>
      page.part(`part ${index}`, () => random() ** 4 * 320)
    );
    page.feed(parts, 40, 120_000);
    page.runUntil(120_000);
    // the last draw may have begun just before the end
    expect(page.busy / (120_000 + REST * (320 + FRAME_MS))).toBeLessThanOrEqual(1 / (1 + REST));
    page.log.slice(1).forEach(({ began }, index) => {
      const { began: before = 0, ended = 0 } = page.log[index] ?? {};
      const painted = ended + FRAME_MS;
      expect(began).toBeGreaterThanOrEqual(painted + REST * (painted - before) - 1e-6);
    });
  });

  it('come within seconds where each draw takes one', () => {
    const page = new Page();
    const names = ['history', 'curves', 'plane', 'table'];
    const parts = names.map(name => page.part(name, () => 1000));
    page.feed(parts, 50, 120_000);
    page.runUntil(120_000);
    for (const name of names) {
      const begins = page.log.filter(draw => draw.name === name).map(({ began }) => began);
      const late = Math.max(...begins.map((began, at) => began - (begins[at - 1] ?? 0)));
      expect(late).toBeLessThanOrEqual(names.length * (1000 + FRAME_MS + REST_MS) + 50);
    }
  });

  it('come to all that ask, in the order in which they asked, whatever each costs', () => {
    const page = new Page();
    const costs = { words: 5, history: 60, curves: 400, plane: 90 };
    const parts = Object.entries(costs).map(([name, cost]) => page.part(name, () => cost));
    page.feed(parts, 50, 60_000);
    page.runUntil(60_000);
    const drawn = Object.keys(costs).map(name => page.count(name));
    expect(Math.min(...drawn)).toBeGreaterThan(10);
    expect(Math.max(...drawn) - Math.min(...drawn)).toBeLessThanOrEqual(1);
  });

  it('end with everything drawn after the last request', () => {
    const page = new Page();
    const parts = ['words', 'history', 'curves'].map(name => page.part(name, () => 150));
    page.feed(parts, 30, 10_000);
    page.runUntil(30_000);
    const last = 9_990;
    for (const name of ['words', 'history', 'curves']) {
      expect(page.log.filter(draw => draw.name === name).at(-1)?.began).toBeGreaterThanOrEqual(last);
    }
    const drawn = page.log.length;
    page.runUntil(100_000);
    expect(page.log.length).toBe(drawn);
  });

  it('come to a part that goes ahead while the others rest, and leave them theirs', () => {
    const costs = { history: 200, curves: 400, plane: 300 };
    const drawn = (ahead: boolean): { first: number; others: number; late: number } => {
      const page = new Page();
      const first = page.part('first', () => 5, ahead);
      const others = Object.entries(costs).map(([name, cost]) => page.part(name, () => cost));
      page.feed([first, ...others], 50, 60_000);
      page.runUntil(60_000);
      const begins = page.log.filter(({ name }) => name === 'first').map(({ began }) => began);
      const late = Math.max(...begins.map((began, at) => began - (begins[at - 1] ?? 0)));
      return { first: begins.length, others: page.log.length - begins.length, late };
    };
    const [inTurn, ahead] = [drawn(false), drawn(true)];
    expect(ahead.late).toBeLessThanOrEqual(INTERVAL_MS + Math.max(...Object.values(costs)) + 2 * FRAME_MS + 50);
    expect(ahead.first).toBeGreaterThan(10 * inTurn.first);
    expect(ahead.others).toBeGreaterThan(0.9 * inTurn.others);
  });

  it('leave the others their turns however long the one that goes ahead takes', () => {
    const page = new Page();
    const parts = [
      page.part('first', () => 300, true),
      page.part('history', () => 100),
      page.part('curves', () => 100)
    ];
    page.feed(parts, 50, 60_000);
    page.runUntil(60_000);
    expect(page.count('history')).toBeGreaterThan(20);
    expect(page.busy).toBeLessThan(2 * (60_000 / (1 + REST)) + 1000);
  });

  it('come to a part that asks to be next before the others, but not twice in a row', () => {
    const page = new Page();
    const names = ['curves', 'history', 'slice', 'table'];
    const [curves, ...others] = names.map(name => page.part(name, () => 100));
    page.feed(others, 50, 60_000);
    for (let at = 25; at < 60_000; at += 50) page.at(at, () => curves?.request(true));
    page.runUntil(60_000);
    const [first = 0, ...rest] = names.map(name => page.count(name));
    const drawn = page.log.length;
    expect(first).toBeGreaterThan(0.45 * drawn);
    expect(first).toBeLessThan(0.55 * drawn);
    expect(Math.min(...rest)).toBeGreaterThan(0.14 * drawn);
  });

  it('come to a part as often as it has an interval', () => {
    const page = new Page();
    let draws = 0;
    const draw = (): void => {
      draws += 1;
    };
    const part = page.turns.join(draw, { ahead: true, interval: 100 });
    page.feed([part], 10, 10_000);
    page.runUntil(10_000);
    expect(draws).toBeLessThanOrEqual(101);
    expect(draws).toBeGreaterThan(90);
  });

  it('come to a part at most every quarter of a second, with what is newest by then', () => {
    const page = new Page();
    const part = page.part('words', () => 0);
    page.feed([part], 10, 10_000);
    page.runUntil(10_000);
    expect(page.count('words')).toBeLessThanOrEqual(1 + 10_000 / INTERVAL_MS);
    expect(page.count('words')).toBeGreaterThan(0.8 * (10_000 / INTERVAL_MS));
  });

  it('come at once to what the user asked for, before all others', () => {
    const page = new Page();
    const [slow, other, clicked] = ['slow', 'other', 'clicked'].map(name => page.part(name, () => 500)) as [
      Turn,
      Turn,
      Turn
    ];
    slow.request();
    page.runUntil(10);
    other.request();
    page.at(1000, clicked.urge);
    page.runUntil(1001);
    expect(page.log.map(({ name, began }) => [name, began])).toEqual([
      ['slow', 0],
      ['clicked', 1000]
    ]);
    page.runUntil(60_000);
    expect(page.log.map(({ name }) => name)).toEqual(['slow', 'clicked', 'other']);
  });

  it('wait for the end of a draw that takes its time, also for what is urgent', async () => {
    const page = new Page();
    let end = (): void => undefined;
    let draws = 0;
    const chart = page.turns.join(() => {
      draws += 1;
      return new Promise<void>(resolve => (end = resolve));
    });
    const other = page.part('other', () => 1);
    chart.request();
    page.runUntil(0);
    chart.urge();
    chart.now();
    other.urge();
    page.runUntil(5000);
    expect([draws, page.count('other')]).toEqual([1, 0]);
    end();
    await Promise.resolve();
    await Promise.resolve();
    page.runUntil(5100);
    expect([draws, page.count('other')]).toEqual([2, 0]);
    end();
    await Promise.resolve();
    await Promise.resolve();
    page.runUntil(5200);
    expect([draws, page.count('other')]).toEqual([2, 1]);
  });

  it('are given up by who withdraws or leaves, and a page that all have left has nothing to rest from', () => {
    const page = new Page();
    const [first, second] = [page.part('first', () => 1000), page.part('second', () => 1)];
    second.request();
    expect(second.withdraw()).toBe(true);
    expect(second.withdraw()).toBe(false);
    first.now();
    first.request();
    first.leave();
    second.leave();
    second.request();
    page.runUntil(60_000);
    expect(page.log.map(({ name }) => name)).toEqual(['first']);
    page.part('new', () => 1).request();
    page.runUntil(page.time);
    expect(page.count('new')).toBe(1);
  });

  it('go on after a draw that threw', () => {
    const page = new Page();
    let draws = 0;
    const broken = page.turns.join(() => {
      draws += 1;
      throw new Error('no such axis');
    });
    const other = page.part('other', () => 1);
    broken.request();
    expect(() => {
      page.runUntil(0);
    }).toThrow('no such axis');
    broken.request();
    other.request();
    expect(() => {
      page.runUntil(1000);
    }).toThrow('no such axis');
    page.runUntil(2000);
    expect([draws, page.count('other')]).toEqual([2, 1]);
  });
});
