import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPainter, type Painter } from '../../../src/ui/page/painter';
import type { Turn, Turns } from '../../../src/ui/page/turns';

let show: (isIntersecting: boolean) => void = () => undefined;
const disconnect = vi.fn();

class FakeObserver {
  constructor(callback: (entries: { isIntersecting: boolean }[]) => void) {
    show = isIntersecting => {
      callback([{ isIntersecting }]);
    };
  }
  observe = vi.fn();
  disconnect = disconnect;
}

/** What is asked of the turns; none comes by itself. */
class FakeTurn implements Turn {
  asked: 'soon' | 'at once' | null = null;
  left = false;
  draws = 0;
  request = (): void => {
    this.asked ??= 'soon';
  };
  urge = (): void => {
    this.asked = 'at once';
  };
  now = (): void => {
    this.draws += 1;
  };
  withdraw = (): boolean => {
    const had = this.asked !== null;
    this.asked = null;
    return had;
  };
  leave = (): void => {
    this.left = true;
  };
}

let turn: FakeTurn;
function create(): Painter {
  const turns: Turns = { join: () => (turn = new FakeTurn()) };
  return createPainter(document.body, () => undefined, {}, turns);
}

beforeEach(() => {
  vi.stubGlobal('IntersectionObserver', FakeObserver);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

describe('createPainter', () => {
  it('asks for no turn out of sight, and for what was requested as soon as it comes into view, once', () => {
    const painter = create();
    painter.request();
    painter.urge();
    expect(turn.asked).toBeNull();
    show(true);
    expect(turn.asked).toBe('at once');
    turn.withdraw();
    show(false);
    show(true);
    expect(turn.asked).toBeNull();
  });

  it('asks in sight for a turn, for what the user waits for at once', () => {
    const painter = create();
    show(true);
    painter.request();
    expect(turn.asked).toBe('soon');
    painter.urge();
    expect(turn.asked).toBe('at once');
  });

  it('keeps a request whose turn has not come when the target scrolls away', () => {
    const painter = create();
    show(true);
    painter.request();
    show(false);
    expect(turn.asked).toBeNull();
    show(false);
    show(true);
    expect(turn.asked).toBe('at once');
  });

  it('draws now also what is out of sight, and has then nothing left to draw', () => {
    const painter = create();
    painter.request();
    painter.now();
    expect(turn.draws).toBe(1);
    show(true);
    expect(turn.asked).toBeNull();
  });

  it('stops watching and leaves when disposed', () => {
    create().dispose();
    expect(turn.left).toBe(true);
    expect(disconnect).toHaveBeenCalled();
  });
});
