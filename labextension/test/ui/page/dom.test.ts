import { describe, expect, it, vi } from 'vitest';
import { element, hasFocus, longestRising, setChildren, whenChanged } from '../../../src/ui/page/dom';

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

describe('the order of children', () => {
  it('moves as few as can be: the one that has moved', () => {
    const parent = element('div');
    document.body.replaceChildren(parent);
    const children = ['a', 'b', 'c', 'd', 'e'].map(id => element('p', { id }));
    setChildren(parent, children);
    const moved: string[] = [];
    const observer = new MutationObserver(records => {
      for (const { addedNodes } of records) for (const node of addedNodes) moved.push((node as HTMLElement).id);
    });
    observer.observe(parent, { childList: true });
    const [a, ...rest] = children;
    const next = [...rest, ...(a ? [a] : [])];
    setChildren(parent, next);
    expect(Array.from(parent.children)).toEqual(next);
    setChildren(parent, children);
    expect(Array.from(parent.children)).toEqual(children);
    for (const record of observer.takeRecords())
      for (const node of record.addedNodes) moved.push((node as HTMLElement).id);
    expect(moved).toEqual(['a', 'a']);
  });

  it('finds a longest rising subsequence', () => {
    const rising = (numbers: (number | null)[]): number[] => [...longestRising(numbers)].sort((a, b) => a - b);
    expect(rising([3, 0, 1, 2])).toEqual([1, 2, 3]);
    expect(rising([null, 5, null])).toEqual([1]);
    expect(rising([2, 1, 0])).toHaveLength(1);
    expect(rising([])).toEqual([]);
  });
});

describe('hasFocus', () => {
  it('sees the focus in a shadow root too, where the document does not', () => {
    const host = element('div');
    document.body.replaceChildren(host);
    const [field, other] = [element('input'), element('input')];
    const list = element('div', {}, field);
    host.attachShadow({ mode: 'open' }).append(list, other);
    expect(hasFocus(field)).toBe(false);
    field.focus();
    expect([field, list, other].map(hasFocus)).toEqual([true, true, false]);
    expect(hasFocus(element('input'))).toBe(false);
  });
});
