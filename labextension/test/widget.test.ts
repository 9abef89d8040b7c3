import { describe, expect, it, vi } from 'vitest';
import type { KernelMessage, PageMessage } from '../src/wire/protocol';
import { askToKeep, CHANGED, SILENT } from '../src/doors';
import { SAVED_MIME } from '../src/wire/saved';
import createWidget, { type WidgetModel } from '../src/widget';
import { float64, parameters, snapshot, status, templates } from './fixtures';
import { byId, text } from './ui/open_part';

vi.mock('../style/dashboard.css', () => ({}));
vi.mock('../src/ui/charts/chart', () => import('./ui/fake_chart'));

const picture = { 'text/html': '<p>0.9</p>', 'text/plain': '0.9' };
const ways = { load: '%load_ext jupyter_tune', show: '%tune show mnist', resume: '%tune resume mnist' };

class FakeModel implements WidgetModel {
  readonly sent: PageMessage[] = [];
  readonly traits: Record<string, unknown> = { parameters, templates, tables: snapshot, picture, ways };
  readonly listeners: [event: string, callback: (...args: never[]) => void][] = [];
  get(trait: string): never {
    return this.traits[trait] as never;
  }
  send(message: PageMessage): void {
    this.sent.push(message);
  }
  on(event: string, callback: (...args: never[]) => void): void {
    this.listeners.push([event, callback]);
  }
  off(event: string, callback: (...args: never[]) => void): void {
    const index = this.listeners.findIndex(([name, known]) => name === event && known === callback);
    if (index >= 0) this.listeners.splice(index, 1);
  }
  emit(name: string): void {
    for (const [event, callback] of this.listeners) if (event === name) callback();
  }
  deliver(message: KernelMessage, ...buffers: DataView[]): void {
    for (const [event, callback] of this.listeners) {
      if (event === 'msg:custom') (callback as (m: KernelMessage, b: DataView[]) => void)(message, buffers);
    }
  }
}

describe('createWidget', () => {
  it('shows in a view rendered late what came before it', () => {
    const model = new FakeModel();
    const widget = createWidget();
    widget.initialize({ model });
    const best = { number: 3, value: 0.99, params: {} };
    const trials = { number: { buffer: 0 }, value: { buffer: 1 } };
    const message = { type: 'delta', seq: 2, base: 1, status: { ...status, best }, trials } as const;
    model.deliver(message, float64(3), float64(0.99));
    const el = document.createElement('div');
    document.body.append(el);
    const unmount = widget.render({ model, el });
    expect(text(el, 'best-value')).toBe('0.99');
    expect(text(el, 'trial-3')).toContain('0.99');
    unmount();
  });

  it('keeps the models of two studies apart', () => {
    const [first, second] = [new FakeModel(), new FakeModel()];
    createWidget().initialize({ model: first });
    createWidget().initialize({ model: second });
    expect([first.sent, second.sent]).toEqual([[{ type: 'snapshot' }], [{ type: 'snapshot' }]]);
  });

  it('stops listening when the model goes away', () => {
    const model = new FakeModel();
    const close = createWidget().initialize({ model });
    expect(model.listeners.length).toBeGreaterThan(0);
    close();
    expect(model.listeners).toEqual([]);
  });

  function opened(): { model: FakeModel; el: HTMLElement; changes: () => number; close: () => void } {
    const model = new FakeModel();
    const widget = createWidget();
    const end = widget.initialize({ model });
    const el = document.createElement('div');
    document.body.replaceChildren(el);
    let changes = 0;
    el.addEventListener(CHANGED, () => changes++);
    const unmount = widget.render({ model, el });
    const close = (): void => {
      unmount();
      end();
    };
    return { model, el, changes: () => changes, close };
  }

  it('tells the notebook what to keep: the words of the kernel and the tables of the page', () => {
    const { model, el, close } = opened();
    model.deliver({ type: 'delta', seq: 2, base: 1, status: { ...status, state: 'paused' } });
    const kept = askToKeep(byId(el, 'jupyter-tune-dashboard'));
    expect(kept).toMatchObject({ ...picture, [SAVED_MIME]: { version: 1, ways, parameters } });
    expect(kept).toHaveProperty([SAVED_MIME, 'tables', 'status', 'state'], 'paused');
    // the last picture brings its own
    model.traits.picture = { ...picture, [SAVED_MIME]: { version: 1, tables: 'drawn' } };
    expect(askToKeep(byId(el, 'jupyter-tune-dashboard'))).toHaveProperty([SAVED_MIME, 'tables'], 'drawn');
    close();
    expect(model.listeners).toEqual([]);
  });

  it('says that there is something to keep when the state, the best or the picture changes, and only then', () => {
    const { model, changes, close } = opened();
    const before = changes();
    model.deliver({ type: 'delta', seq: 2, base: 1, status: { ...status, elapsed_s: 81 } });
    model.emit('change:picture');
    expect(changes()).toBe(before);
    model.deliver({ type: 'delta', seq: 3, base: 2, status: { ...status, state: 'paused' } });
    expect(changes()).toBe(before + 1);
    model.traits.picture = { ...picture, [SAVED_MIME]: {} };
    model.emit('change:picture');
    expect(changes()).toBe(before + 2);
    close();
  });

  it('is interrupted when its kernel is restarted: the clock stops, and the way back is shown', () => {
    const model = new FakeModel();
    const widget = createWidget();
    const end = widget.initialize({ model });
    const [before, after] = [document.createElement('div'), document.createElement('div')];
    document.body.replaceChildren(before, after);
    const unmount = widget.render({ model, el: before });
    expect(byId(before, 'ways').hidden).toBe(true);
    model.emit('comm_live_update');
    const unmountNext = widget.render({ model, el: after });
    expect(text(after, 'state')).toBe('interrupted');
    expect((byId(after, 'stop') as HTMLButtonElement).disabled).toBe(true);
    expect(text(after, 'ways')).toContain('Interrupted');
    expect(text(after, 'resume-line')).toBe(ways.resume);
    unmountNext();
    unmount();
    end();
  });

  it('says that it doubts the kernel before the page calls it silent, and not after the end', () => {
    vi.useFakeTimers();
    const { model, el, close } = opened();
    const silent = vi.fn();
    el.addEventListener(SILENT, silent);
    model.deliver({ type: 'alive' });
    vi.advanceTimersByTime(1900);
    expect(silent).not.toHaveBeenCalled();
    vi.advanceTimersByTime(700);
    expect(silent).toHaveBeenCalled();
    expect(byId(el, 'silence').hidden).toBe(true);
    model.deliver({ type: 'delta', seq: 2, base: 1, status: { ...status, state: 'ended' } });
    silent.mockClear();
    vi.advanceTimersByTime(9000);
    expect(silent).not.toHaveBeenCalled();
    close();
    vi.useRealTimers();
  });

  it('takes a sign of life for no news', () => {
    const { model, el, close } = opened();
    const before = el.innerHTML;
    model.deliver({ type: 'alive' });
    expect(el.innerHTML).toBe(before);
    close();
  });
});
