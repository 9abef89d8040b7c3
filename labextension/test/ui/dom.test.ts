import { describe, expect, it, vi } from 'vitest';
import { element, setChildren, whenChanged } from '../../src/ui/dom';

describe('setChildren', () => {
  const [a, b, c, d] = [element('p', {}, 'a'), element('p', {}, 'b'), element('p', {}, 'c'), element('p', {}, 'd')];

  it('brings the children into the order given', () => {
    const parent = element('div', {}, a, b, c);
    setChildren(parent, [d, c, a]);
    expect(parent.textContent).toBe('dca');
  });

  it('moves none that stays when others come or go', () => {
    const parent = element('div', {}, a, b, c);
    const move = vi.spyOn(parent, 'insertBefore');
    setChildren(parent, [b, c]);
    expect(move).not.toHaveBeenCalled();
    setChildren(parent, [d, b, c]);
    expect(move.mock.calls).toEqual([[d, b]]);
  });
});

describe('whenChanged', () => {
  it('draws only what differs from what it drew last', () => {
    const draw = vi.fn();
    const drawChanged = whenChanged(draw);
    for (const shown of [[1], [1], [2], [1]]) drawChanged(shown);
    expect(draw.mock.calls).toEqual([[[1]], [[2]], [[1]]]);
  });
});
