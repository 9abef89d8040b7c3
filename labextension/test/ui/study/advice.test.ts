/** The findings about a study: said in words, each with the click that acts on it. */
import { describe, expect, it } from 'vitest';
import { savedFrom, savedKernel } from '../../../src/wire/saved';
import { Store } from '../../../src/wire/store';
import { createAdvice } from '../../../src/ui/study/advice';
import type { Finding, Snapshot } from '../../../src/wire/protocol';
import { landscape, snapshot, status } from '../../fixtures';
import { byId, openPart } from '../open_part';

const fix: Finding = {
  kind: 'effect',
  text: 'lr: explains less than 2% of the differences between 40 trials',
  remedy: 'study.narrow(lr=(0.01, 0.01))',
  more: '',
  act: 'Fix lr',
  ranges: { lr: [0.01, 0.01] }
};
const leave: Finding = {
  kind: 'failures',
  text: "act: all 5 trials with 'tanh' failed (the last: <b>boom</b>)",
  remedy: "study.narrow(act=['relu'])",
  more: '',
  act: "Leave out 'tanh'",
  ranges: { act: ['relu'] }
};
const noise: Finding = {
  kind: 'noise',
  text: 'accuracy: 62% of the differences between 40 trials are noise',
  remedy: '--repeats 3',
  more: ', or more data for each measurement',
  act: '',
  ranges: {}
};

let seq = 1;
const advised = (advice: readonly Finding[], more: Partial<Snapshot> = {}): Snapshot => ({
  ...snapshot,
  seq: ++seq,
  landscape: { ...landscape, advice },
  ...more
});
const narrowed = { ...status, revision: 1, ranges: { ...status.ranges, lr: [0.01, 0.01] } };
const button = (root: HTMLElement, id: string) => byId(root, id) as HTMLButtonElement;

describe('the advice', () => {
  it('takes no room where there is none, nor before there is a model', () => {
    const { node, kernel } = openPart(createAdvice);
    expect(node.hidden).toBe(true);
    kernel.deliver({ type: 'snapshot', ...advised([]) });
    expect(node.hidden).toBe(true);
    kernel.deliver({ type: 'snapshot', ...advised([noise]) });
    expect(node.hidden).toBe(false);
  });

  it('is words as they were written, and never markup', () => {
    const { node } = openPart(createAdvice, advised([leave]));
    expect(node.textContent).toContain('failed (the last: <b>boom</b>).');
    expect(node.querySelector('b')).toBeNull();
  });

  it('is acted on once, and gone when the study has the ranges; an undo brings it back', () => {
    const { node, kernel, store } = openPart(createAdvice, advised([fix, noise]));
    expect(button(node, 'advice-effect-lr').textContent).toBe('Fix lr');
    button(node, 'advice-effect-lr').click();
    button(node, 'advice-effect-lr').click();
    expect(kernel.requests()).toEqual([{ type: 'narrow', ranges: { lr: [0.01, 0.01] } }]);
    expect(button(node, 'advice-effect-lr').getAttribute('aria-disabled')).toBe('true');
    kernel.deliver({ type: 'snapshot', ...advised([fix, noise], { status: narrowed }) });
    expect(node.querySelector('[data-testid="advice-effect-lr"]')).toBeNull();
    expect(node.textContent).toContain('62% of the differences');
    expect(store.notices.map(({ text }) => text)).toEqual(['Done: Fix lr. Undo takes it back.']);
    kernel.deliver({ type: 'snapshot', ...advised([fix, noise], { status: { ...status, revision: 2 } }) });
    expect(button(node, 'advice-effect-lr').getAttribute('aria-disabled')).toBe('false');
    expect(store.notices).toHaveLength(1);
  });

  it('can be acted on again after a refusal', () => {
    const { node, kernel } = openPart(createAdvice, advised([fix]));
    button(node, 'advice-effect-lr').click();
    kernel.deliver({ type: 'notice', level: 'error', text: 'no' });
    expect(button(node, 'advice-effect-lr').getAttribute('aria-disabled')).toBe('false');
  });

  it('keeps its buttons, and with them the focus, while the figures change', () => {
    const { node, kernel } = openPart(createAdvice, advised([fix, leave]));
    const known = button(node, 'advice-effect-lr');
    known.focus();
    const later = { ...fix, text: fix.text.replace('40', '41'), ranges: { lr: [0.02, 0.02] } };
    kernel.deliver({ type: 'snapshot', ...advised([leave, later]) });
    expect(document.activeElement).toBe(known);
    expect(node.textContent).toContain('between 41 trials');
    known.click();
    expect(kernel.requests()).toEqual([{ type: 'narrow', ranges: { lr: [0.02, 0.02] } }]);
    // what was acted on goes, and the next has the focus
    kernel.deliver({
      type: 'snapshot',
      ...advised([leave, later], { status: { ...narrowed, ranges: { ...status.ranges, lr: [0.02, 0.02] } } })
    });
    expect(document.activeElement).toBe(button(node, 'advice-failures-act'));
  });

  it('says what is for the next study, and offers no click where nothing can be acted on', () => {
    const { node, kernel } = openPart(createAdvice, advised([noise]));
    expect(node.textContent).toContain('In the next study: --repeats 3, or more data for each measurement');
    const ended = { ...status, state: 'ended' } as const;
    kernel.deliver({ type: 'snapshot', ...advised([fix], { status: ended }) });
    expect(button(node, 'advice-effect-lr').hidden).toBe(true);
    expect(node.textContent).toContain('study.narrow(lr=(0.01, 0.01))');
    expect(node.textContent).toContain('once it is resumed');
  });

  it('is text in a saved notebook', () => {
    const { store } = openPart(createAdvice, advised([fix, noise]));
    const saved = new Store(savedKernel(JSON.parse(JSON.stringify(savedFrom(store)))));
    const part = createAdvice(saved);
    part.draw();
    expect(part.node.hidden).toBe(false);
    expect(part.node.textContent).toContain(fix.text);
    expect([...part.node.querySelectorAll('button')].every(({ hidden }) => hidden)).toBe(true);
  });
});
