import { beforeEach, describe, expect, it, vi } from 'vitest';
import { SAVED_MIME } from '../../src/wire/saved';
import { byId, text } from '../ui/open_part';
import { ways, dashboard, newest, Notebook, until } from './fake_notebook';

// what draws is loaded on demand
vi.setConfig({ testTimeout: 60_000 });
vi.mock('../../style/dashboard.css', () => ({}));
vi.mock('../../src/ui/charts/chart', () => import('../ui/fake_chart'));
vi.mock('@lumino/widgets', () => {
  class Widget {
    readonly node = document.createElement('div');
    isDisposed = false;
    addClass(name: string): void {
      this.node.classList.add(name);
    }
    hasClass(name: string): boolean {
      return this.node.classList.contains(name);
    }
    addWidget(child: Widget): void {
      this.node.append(child.node);
    }
    dispose(): void {
      this.isDisposed = true;
      this.node.remove();
    }
  }
  return { Widget, Panel: Widget };
});

beforeEach(() => {
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

describe('a study in an output', () => {
  it('is live where the kernel has its widget, and the document is then without the widget', async () => {
    const notebook = new Notebook();
    await notebook.show();
    await until(() => notebook.isLive);
    expect(notebook.isSaved).toBe(false);
    expect(notebook.data).toEqual({ ...newest, [SAVED_MIME]: { ...dashboard, model: 'w1' } });
    const root = notebook.output.node.querySelector('.live');
    await notebook.show(); // the same study, with newer data: the widget knows them
    expect(notebook.output.node.querySelector('.live')).toBe(root);
    notebook.output.dispose();
  });

  it('is shown as it was saved where the kernel does not know the widget', async () => {
    const notebook = new Notebook({ id: 'another' });
    notebook.known.clear();
    await notebook.show();
    await until(() => notebook.isSaved);
    expect(text(notebook.output.node, 'state')).toBe('interrupted');
    notebook.output.dispose();
  });

  it.each([
    ['show-here', ['%load_ext jupyter_tune', '%tune show mnist']],
    ['resume', ['%load_ext jupyter_tune', '%tune resume mnist', '%tune show mnist']]
  ])('is brought back by a cell that %s adds below and runs, and is then live here too', async (id, lines) => {
    const notebook = new Notebook({ id: 'another' });
    notebook.known.clear();
    await notebook.show();
    await until(() => notebook.isSaved);
    const ran = `notebook:run-cell ${lines.join('\n')}`;
    const button = byId(notebook.output.node, id) as HTMLButtonElement;
    button.click();
    expect(notebook.executed).toEqual([ran]);
    // it went wrong: what was saved stays, and the same cell is run again
    await until(() => !button.disabled);
    expect(notebook.isSaved).toBe(true);
    expect(notebook.writes).toBe(0);
    notebook.known.add('w2');
    notebook.brings = 'w2';
    button.click();
    await until(() => notebook.isLive);
    expect(notebook.executed).toEqual([ran, ran]);
    expect(notebook.sources).toEqual(['%%tune', lines.join('\n')]);
    expect(notebook.data[SAVED_MIME]).toMatchObject({ model: 'w2' });
    notebook.output.dispose();
  });

  it('runs no other line than one that shows a study', async () => {
    const notebook = new Notebook();
    notebook.known.clear();
    notebook.data = { [SAVED_MIME]: { ...dashboard, ways: { ...ways, show: '%tune show x\nimport evil' } } };
    await notebook.show();
    expect(byId(notebook.output.node, 'show-here').hidden).toBe(true);
    expect(byId(notebook.output.node, 'resume').hidden).toBe(true);
    notebook.output.dispose();
  });

  it('is shown as it was saved without a kernel', async () => {
    const alone = new Notebook(null);
    await alone.show();
    expect(alone.isSaved).toBe(true);
    // Lab starts a kernel for a cell that is run
    expect(byId(alone.output.node, 'show-here').hidden).toBe(false);
    alone.output.dispose();
  });

  it('is live in an untrusted notebook if the kernel has its widget', async () => {
    const notebook = new Notebook();
    await notebook.show(false);
    await until(() => notebook.isLive);
    expect(notebook.isSaved).toBe(false);
    // only the page that ran the cell writes
    expect(notebook.writes).toBe(0);
    notebook.output.dispose();
  });

  it('is shown as saved, without buttons, in an untrusted notebook if the kernel does not have its widget', async () => {
    const notebook = new Notebook();
    notebook.known.clear();
    await notebook.show(false);
    await until(() => text(notebook.output.node, 'state') === 'interrupted');
    expect(notebook.isLive).toBe(false);
    expect(byId(notebook.output.node, 'show-here').hidden).toBe(true);
    notebook.output.dispose();
  });

  it.each(['restarting', 'autorestarting', 'starting', 'dead'])(
    'is interrupted when the kernel is %s, and stays so',
    async status => {
      const notebook = new Notebook();
      await notebook.show();
      await until(() => notebook.isLive);
      notebook.status.emit(status);
      await until(() => notebook.isSaved);
      expect(notebook.isLive).toBe(false);
      expect(text(notebook.output.node, 'state')).toBe('interrupted');
      await notebook.show(); // the widget manager still has the widget of the kernel that is gone
      expect(notebook.isSaved).toBe(true);
      notebook.output.dispose();
    }
  );

  it('is interrupted when another page has ended the kernel, which says so to all', async () => {
    const notebook = new Notebook();
    await notebook.show();
    await until(() => notebook.isLive);
    notebook.iopub.emit({ header: { msg_type: 'status' } });
    expect(notebook.isLive).toBe(true);
    notebook.iopub.emit({ header: { msg_type: 'shutdown_reply' } });
    await until(() => notebook.isSaved);
    notebook.output.dispose();
  });

  it.each([
    [
      'it has been silent',
      (notebook: Notebook): void => {
        notebook.silence();
      }
    ],
    [
      'its connection is back',
      (notebook: Notebook): void => {
        notebook.connection.emit('connected');
      }
    ]
  ])('asks the kernel when %s, and is interrupted if that does not know the widget', async (_, happens) => {
    const notebook = new Notebook();
    await notebook.show();
    await until(() => notebook.isLive);
    happens(notebook);
    await new Promise(resolve => setTimeout(resolve));
    expect(notebook.isLive).toBe(true);
    notebook.known.clear();
    happens(notebook);
    await until(() => notebook.isSaved);
    notebook.output.dispose();
  });

  it('is interrupted when the notebook gets another kernel, and not when it gets its first', async () => {
    const notebook = new Notebook();
    await notebook.show();
    await until(() => notebook.isLive);
    notebook.kernelChanged.emit({ oldValue: null, newValue: { id: 'k1' } });
    notebook.kernelChanged.emit({ oldValue: { id: 'k1' }, newValue: { id: 'k1' } });
    expect(notebook.isLive).toBe(true);
    notebook.kernelChanged.emit({ oldValue: { id: 'k1' }, newValue: { id: 'k2' } });
    await until(() => notebook.isSaved);
    notebook.output.dispose();
  });

  it('waits beside what was saved for a widget manager that comes late', async () => {
    const notebook = new Notebook();
    notebook.known.clear();
    const renderer = notebook as unknown as { widget: () => { renderModel: () => void } };
    const real = renderer.widget.bind(notebook);
    renderer.widget = () => ({ ...real(), renderModel: () => undefined }); // loads, and waits for its manager
    await notebook.show();
    await until(() => notebook.isSaved);
    expect(text(notebook.output.node, 'ways')).toContain('Connecting to the kernel');
    notebook.known.add('w1');
    renderer.widget = real;
    notebook.manage();
    await until(() => notebook.isLive);
    expect(notebook.isSaved).toBe(false);
    notebook.output.dispose();
  });

  it('shows what has been chosen in it also when the saved dashboard gives way to the live one, and back', async () => {
    const notebook = new Notebook();
    const { node } = notebook.output;
    const renderer = notebook as unknown as { widget: () => { renderModel: () => void } };
    const real = renderer.widget.bind(notebook);
    renderer.widget = () => ({ ...real(), renderModel: () => undefined });
    await notebook.show();
    await until(() => notebook.isSaved);
    byId(node, 'trial-3').click();
    node.querySelector<HTMLElement>('th [title="Sort by act"]')?.click();
    byId(node, 'tab-timeline').click();
    renderer.widget = real;
    notebook.manage();
    await until(() => notebook.isLive);
    const sorting = { key: 'p:act', descending: false };
    expect(notebook.looks).toEqual({ selected: 3, view: 'timeline', sorting, tag: '' });
    notebook.looks = { ...notebook.looks, selected: 1 };
    notebook.status.emit('restarting');
    await until(() => notebook.isSaved);
    expect(text(node, 'detail')).toContain('Trial 1');
    expect(byId(node, 'tab-timeline').getAttribute('aria-selected')).toBe('true');
    expect(node.querySelector('th[aria-sort="ascending"]')?.textContent).toBe('act');
    notebook.output.dispose();
  });

  it.each([
    [1, 0],
    [2, 1]
  ])('is live after %d times that the widget manager of a busy page gave up on it', async (misses, reconnects) => {
    const notebook = new Notebook();
    notebook.misses = misses;
    const shown: string[] = [];
    const observer = new MutationObserver(() => {
      if (notebook.isSaved) shown.push(text(notebook.output.node, 'state'));
    });
    observer.observe(notebook.output.node, { childList: true, subtree: true });
    await notebook.show();
    await until(() => notebook.isLive);
    observer.disconnect();
    expect(notebook.reconnects).toBe(reconnects);
    expect(shown).not.toContain('interrupted');
    expect(notebook.isSaved).toBe(false);
    notebook.output.dispose();
  });

  it('is not said to be interrupted where the kernel has it and the page cannot show it', async () => {
    const timeout = globalThis.setTimeout;
    vi.stubGlobal('setTimeout', (then: () => void, ms = 0) => timeout(then, ms / 100));
    const notebook = new Notebook();
    notebook.misses = Infinity;
    await notebook.show();
    await until(() => notebook.isSaved && text(notebook.output.node, 'ways').includes('reload the page'));
    expect(text(notebook.output.node, 'state')).toBe('running');
    expect(byId(notebook.output.node, 'show-here').hidden).toBe(false);
    notebook.output.dispose();
  });

  it('is live where the widget manager waits for an answer that never comes', async () => {
    const timeout = globalThis.setTimeout;
    vi.stubGlobal('setTimeout', (then: () => void, ms = 0) => timeout(then, ms / 100));
    const notebook = new Notebook();
    const renderer = notebook as unknown as { widget: () => { renderModel: () => void } };
    const real = renderer.widget.bind(notebook);
    let waits = 2;
    renderer.widget = () => (waits-- > 0 ? { ...real(), renderModel: () => undefined } : real());
    await notebook.show();
    await until(() => notebook.isLive);
    expect(notebook.reconnects).toBe(1);
    notebook.output.dispose();
  });

  it('is interrupted when the kernel goes while it is asked for the widget', async () => {
    const notebook = new Notebook();
    notebook.misses = 1;
    const shown = notebook.show();
    notebook.status.emit('restarting');
    await shown;
    await until(() => notebook.isSaved && text(notebook.output.node, 'state') === 'interrupted');
    expect(notebook.isLive).toBe(false);
    notebook.output.dispose();
  });

  it('is written into the document before every save, and only where that holds something else', async () => {
    const notebook = new Notebook();
    await notebook.show();
    await until(() => notebook.isLive);
    const { writes } = notebook;
    notebook.saveState.emit('started');
    expect(notebook.writes).toBe(writes);
    notebook.data = { ...notebook.data, 'text/html': '<p>older</p>' };
    notebook.saveState.emit('completed');
    expect(notebook.data['text/html']).toBe('<p>older</p>');
    notebook.saveState.emit('started');
    expect(notebook.data['text/html']).toBe('<p>newest</p>');
    notebook.output.dispose();
    notebook.data = { ...notebook.data, 'text/html': '<p>older</p>' };
    notebook.saveState.emit('started');
    expect(notebook.data['text/html']).toBe('<p>older</p>');
  });
});

describe('a widget that comes while the kernel is asked for its widgets', () => {
  it('is not taken for lost', async () => {
    const notebook = new Notebook();
    await notebook.show();
    await until(() => notebook.isLive);
    let arrive = (): void => undefined;
    notebook.answers = new Promise(resolve => {
      arrive = resolve;
    });
    notebook.silence();
    notebook.known.add('w2');
    notebook.data = { ...notebook.data, [SAVED_MIME]: { ...dashboard, model: 'w2' } };
    await notebook.show();
    await until(() => notebook.isLive);
    arrive();
    await new Promise(resolve => setTimeout(resolve, 50));
    expect(notebook.isLive).toBe(true);
    expect(notebook.isSaved).toBe(false);
  });
});
