/** Tags and notes: shown, added, taken away, and never lost while they are typed. */
import { describe, expect, it } from 'vitest';
import { createAnnotations, type Written } from '../../../src/ui/notes/annotations';
import { savedFrom, savedKernel } from '../../../src/wire/saved';
import { Store } from '../../../src/wire/store';
import { openStore, snapshot } from '../../fixtures';
import { byId, press } from '../open_part';

function open(first: Written) {
  const { kernel, store } = openStore();
  const written = createAnnotations(store, 'the trial', 'trial');
  document.body.replaceChildren(written.node);
  let present = first;
  let seq = 1;
  const arrives = (next: Partial<Written>, acts = 1): void => {
    present = { ...present, ...next };
    const row = Array.from({ length: acts }, (_, at) => at);
    kernel.deliver({ type: 'snapshot', ...snapshot, seq: ++seq, events: { seq: row } });
  };
  store.subscribe(() => {
    written.show(present);
  });
  written.show(present);
  const field = (id: string) => byId(written.node, id) as HTMLInputElement;
  const submit = (id: string): void => {
    field(id)
      .closest('form')
      ?.dispatchEvent(new Event('submit', { cancelable: true }));
  };
  return { kernel, node: written.node, arrives, field, submit };
}

const none: Written = { of: 7, tags: [], note: '' };

describe('tags', () => {
  it('are added as typed, once, and the field is free for the next when they are there', () => {
    const { kernel, node, field, submit, arrives } = open(none);
    byId(node, 'trial-add-tag').click();
    expect(document.activeElement).toBe(field('trial-tag'));
    field('trial-tag').value = ' data=cifar10 ';
    submit('trial-tag');
    submit('trial-tag');
    expect(kernel.requests()).toEqual([{ type: 'tag', of: 7, tag: 'data=cifar10' }]);
    arrives({ tags: ['data=cifar10'] });
    expect(field('trial-tag').value).toBe('');
    expect(byId(node, 'trial-tags').textContent).toBe('data=cifar10×');
    // one that it has already changes nothing but the log of changes
    field('trial-tag').value = 'data=cifar10';
    submit('trial-tag');
    arrives({}, 2);
    expect(field('trial-tag').value).toBe('');
    press(field('trial-tag'), 'Escape');
    expect(document.activeElement).toBe(byId(node, 'trial-add-tag'));
  });

  it('that are refused stay in the field', () => {
    const { kernel, node, field, submit } = open(none);
    byId(node, 'trial-add-tag').click();
    field('trial-tag').value = '=1';
    submit('trial-tag');
    kernel.deliver({ type: 'notice', level: 'error', text: 'no name' });
    expect(field('trial-tag').value).toBe('=1');
    submit('trial-tag');
    expect(kernel.requests()).toHaveLength(2);
  });

  it('are taken away by their names', () => {
    const { kernel, node } = open({ ...none, tags: ['good', 'text=a=b'] });
    for (const cross of node.querySelectorAll<HTMLElement>('.jt-tag-remove')) cross.click();
    expect(kernel.requests()).toEqual([{ type: 'untag', of: 7, name: 'good' }]);
    expect(node.querySelectorAll('.jt-tag-remove')[1]?.getAttribute('aria-label')).toBe('Take away the tag text');
  });
});

describe('a note', () => {
  const words = 'the <b>first</b> that holds';

  it('is written, and the field stays until it is there', () => {
    const { kernel, node, field, submit, arrives } = open(none);
    const isOpen = (): boolean => field('trial-note-field').closest('form')?.hidden === false;
    byId(node, 'trial-edit-note').click();
    field('trial-note-field').value = `${words}  `;
    submit('trial-note-field');
    arrives({ tags: ['other'] });
    expect(isOpen()).toBe(true);
    expect(kernel.requests()).toEqual([{ type: 'note', of: 7, text: words }]);
    arrives({ note: words }, 2);
    expect(isOpen()).toBe(false);
    expect(byId(node, 'trial-note').textContent).toBe(words);
    expect(node.querySelector('b')).toBeNull();
  });

  it('stays as it was after Escape, and keys typed into it are its own', () => {
    const { kernel, node, field } = open({ ...none, note: 'as it was' });
    let heard = 0;
    document.body.addEventListener('keydown', () => (heard += 1));
    byId(node, 'trial-edit-note').click();
    expect(field('trial-note-field').value).toBe('as it was');
    field('trial-note-field').value = 'another';
    press(field('trial-note-field'), 'd');
    press(field('trial-note-field'), 'Escape');
    expect([heard, kernel.requests()]).toEqual([0, []]);
    expect(byId(node, 'trial-note').textContent).toBe('as it was');
  });

  it('of another trial is not written with what was typed for this one', () => {
    const { node, field, arrives } = open(none);
    byId(node, 'trial-edit-note').click();
    arrives({ of: 8 });
    expect(field('trial-note-field').closest('form')?.hidden).toBe(true);
  });
});

describe('in a saved notebook', () => {
  const saved = (written: Written): HTMLElement => {
    const { store } = openStore();
    const gone = new Store(savedKernel(JSON.parse(JSON.stringify(savedFrom(store)))));
    const annotations = createAnnotations(gone, 'the study', 'study');
    annotations.show(written);
    return annotations.node;
  };

  it('they are text without buttons, and take no room where there are none', () => {
    const node = saved({ of: null, tags: ['good'], note: 'kept' });
    expect(node.hidden).toBe(false);
    const buttons = [...node.querySelectorAll('button')].filter(each => each.closest('[hidden]') === null);
    expect(buttons).toEqual([]);
    expect(byId(node, 'study-note').textContent).toBe('kept');
    expect(saved({ of: null, tags: [], note: '' }).hidden).toBe(true);
  });
});
