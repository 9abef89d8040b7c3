import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { afterEach, describe, expect, it } from 'vitest';
import { sourceSliders } from '../../../src/lab/editor/source_extension';
import { offerStudy } from '../../../src/doors';
import { Store } from '../../../src/wire/store';
import { savedKernel } from '../../../src/wire/saved';
import type { PageMessage } from '../../../src/wire/protocol';
import { snapshot, status } from '../../fixtures';

const TEXT = '%%tune\nlr: Float(1e-4, 1e-1, log=True) = 1e-2\nact: Categorical(["a", "b"])\nx: Float(0, n)\n';
const opened: EditorView[] = [];

afterEach(() => {
  for (const view of opened.splice(0)) view.destroy();
  document.body.replaceChildren();
});

function open(text: string, more: Parameters<typeof EditorState.create>[0] = {}) {
  const cell = document.createElement('div');
  cell.className = 'jp-Cell';
  document.body.append(cell);
  const seals: string[] = [];
  const view: EditorView = new EditorView({
    parent: cell,
    state: EditorState.create({
      ...more,
      doc: text,
      extensions: [
        sourceSliders({ isShown: () => true, seal: () => seals.push(view.state.doc.toString()) }),
        ...(more.extensions ? [more.extensions] : [])
      ]
    })
  });
  opened.push(view);
  return { view, cell, seals, text: () => view.state.doc.toString() };
}

function part(cell: Element, id: string): HTMLElement {
  const found = cell.querySelector<HTMLElement>(`[data-testid="${id}"]`);
  if (!found) throw new Error(`no ${id}`);
  return found;
}

function press(node: HTMLElement, key: string): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
  node.dispatchEvent(event);
  return event;
}

const controls = (cell: Element): number => cell.querySelectorAll('.jt-source').length;

describe('sliders in the source', () => {
  it('stand behind ranges of literals in a %%tune cell that can be edited', () => {
    expect(controls(open(TEXT).cell)).toBe(2);
    expect(controls(open(TEXT.slice(7)).cell)).toBe(0);
    expect(controls(open(TEXT, { extensions: EditorState.readOnly.of(true) }).cell)).toBe(0);
  });

  it('preview keys and change the text once, when the thumb is left', () => {
    const { cell, text, seals } = open(TEXT);
    const thumb = part(cell, 'source-lr-high');
    press(thumb, 'ArrowRight');
    press(thumb, 'PageUp');
    expect(text()).toBe(TEXT);
    expect(cell.querySelectorAll('.jt-source-number')).toHaveLength(1);
    thumb.dispatchEvent(new FocusEvent('blur'));
    expect(text()).not.toBe(TEXT);
    expect(text().replace(/1e-4, \S+ log/, '1e-4, 1e-1, log')).toBe(TEXT);
    // the step of undo begins and ends with this change
    expect(seals).toEqual([TEXT, text()]);
    expect(part(cell, 'source-lr-high')).toBe(thumb);
  });

  it('keep every key from the editor and the notebook', () => {
    const { cell } = open(TEXT);
    let heard = 0;
    document.body.addEventListener('keydown', () => heard++);
    for (const key of ['d', 'Enter', 'ArrowLeft', 'Escape']) press(part(cell, 'source-lr-low'), key);
    expect(heard).toBe(0);
    for (const id of ['source-lr-low', 'source-act-a']) {
      expect(part(cell, id).getAttribute('data-lm-suppress-shortcuts')).toBe('true');
    }
  });

  it('find the declaration by name when the text has changed meanwhile', () => {
    const { cell, view, text } = open(TEXT);
    press(part(cell, 'source-lr-high'), 'End');
    view.dispatch({ changes: { from: 7, insert: 'z: Int(1, 9)\n' } });
    part(cell, 'source-lr-high').dispatchEvent(new FocusEvent('blur'));
    expect(text()).toBe(TEXT.replace('%%tune\n', '%%tune\nz: Int(1, 9)\n').replace('1e-1', '1.0'));
  });

  it('change nothing when the declaration has gone, and leave no preview', () => {
    const { cell, view, text } = open(TEXT);
    press(part(cell, 'source-lr-high'), 'End');
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: '%%tune\nn = 3' } });
    expect(text()).toBe('%%tune\nn = 3');
    expect(cell.querySelectorAll('.jt-source, .jt-source-number')).toHaveLength(0);
  });

  it('keep a choice that was turned off, where it was', () => {
    const { cell, text } = open(TEXT);
    part(cell, 'source-act-a').click();
    expect(text()).toBe(TEXT.replace('"a", ', ''));
    expect(part(cell, 'source-act-a').getAttribute('aria-pressed')).toBe('false');
    part(cell, 'source-act-b').click(); // the last one stays
    part(cell, 'source-act-a').click();
    expect(text()).toBe(TEXT);
  });

  it('show the study of the output, also a saved one, and where it narrows', () => {
    const { cell } = open(TEXT);
    const sent: PageMessage[] = [];
    const parameters = [{ name: 'lr', kind: 'float', low: 1e-4, high: 0.1, log: true }] as const;
    const tables = {
      ...snapshot,
      trials: { number: [0, 1], 'p:lr': [0.01, 0.001] },
      status: {
        ...status,
        state: 'running',
        ranges: { lr: [1e-3, 0.1] },
        best: { number: 1, value: 1, params: { lr: 0.001 } }
      }
    } as const;
    const kernel = savedKernel({ version: 1, parameters, templates: {}, tables });
    const live = new Store({ ...kernel, saved: false, snapshot: () => tables, send: message => sent.push(message) });
    const host = document.createElement('div');
    host.innerHTML = '<div class="jt-dashboard"></div>';
    cell.append(host);
    const withdraw = offerStudy(host, live);
    expect(cell.querySelectorAll('.jt-source-tick')).toHaveLength(2);
    expect(part(cell, 'source-lr').getAttribute('aria-label')).toBe(
      'Range of lr, best so far 0.001, the study now searches 0.001 to 0.1'
    );
    sent.length = 0;
    const thumb = part(cell, 'source-lr-low');
    press(thumb, 'PageDown');
    thumb.dispatchEvent(new FocusEvent('blur'));
    // further than declared: the study is asked for all that was
    expect(sent).toEqual([{ type: 'narrow', ranges: { lr: [1e-4, 0.1] }, was: { lr: [1e-3, 0.1] } }]);
    expect(cell.querySelector('.jt-source-words')?.textContent).toContain('cannot search beyond the range');
    withdraw();
    expect(cell.querySelectorAll('.jt-source-tick')).toHaveLength(0);
    live.dispose();
  });
});
