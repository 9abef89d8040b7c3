import { describe, expect, it, vi } from 'vitest';
import type { KernelMessage, PageMessage } from '../src/core/protocol';
import createWidget, { type WidgetModel } from '../src/widget';
import { float64, parameters, snapshot, status, templates } from './fixtures';
import { text } from './ui/page';

vi.mock('../style/dashboard.css', () => ({}));
vi.mock('../src/ui/chart', () => import('./ui/fake_chart'));

class FakeModel implements WidgetModel {
  readonly sent: PageMessage[] = [];
  private readonly traits: Record<string, unknown> = { parameters, templates, tables: snapshot };
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
});
