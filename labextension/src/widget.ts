/**
 * Door 1: the anywidget module. The default export is a function, which anywidget calls once per model: the store lives
 * in its closure, so all views of a model share it and a view rendered late shows everything.
 */
import '../style/dashboard.css';
import { offerStudy, offerToKeep } from './doors';
import type {
  Instead,
  KernelMessage,
  PageMessage,
  Parameter,
  Picture,
  Snapshot,
  Templates,
  Ways
} from './wire/protocol';
import { withoutKernel } from './wire/saved';
import { Store, type Kernel } from './wire/store';
import { mountDashboard } from './ui/dashboard';

/** The part of anywidget's model that is used here. */
export interface WidgetModel {
  get(trait: 'templates'): Templates;
  get(trait: 'parameters'): readonly Parameter[];
  get(trait: 'tables'): Snapshot;
  get(trait: 'picture'): Picture;
  get(trait: 'ways'): Ways;
  get(trait: 'instead'): Instead | undefined;
  send(message: PageMessage): void;
  on(event: 'msg:custom', callback: (message: KernelMessage, buffers?: readonly ArrayBufferView[]) => void): void;
  on(event: `change:${string}` | typeof DISCONNECTED, callback: () => void): void;
  off(event: string, callback: (...args: never[]) => void): void;
}

interface Hooks {
  initialize(context: { model: WidgetModel }): () => void;
  render(context: { model: WidgetModel; el: HTMLElement }): () => void;
}

/** Widget managers say so when the kernel is restarted; a model never comes back from it. */
const DISCONNECTED = 'comm_live_update';

const TRAITS = ['change:templates', 'change:parameters', 'change:tables', 'change:instead'] as const;

export default function createWidget(): Hooks {
  let store: Store | null = null;
  const storeOf = (model: WidgetModel): Store => (store ??= new Store(kernelOf(model)));
  return {
    initialize({ model }) {
      const opened = storeOf(model);
      const disconnect = (): void => {
        opened.lose(withoutKernel);
      };
      model.on(DISCONNECTED, disconnect);
      return () => {
        model.off(DISCONNECTED, disconnect);
        opened.dispose();
        store = null;
      };
    },
    render({ model, el }) {
      const opened = storeOf(model);
      const unmount = mountDashboard(el, opened);
      const stop = offerToKeep(el, opened, {
        picture: () => model.get('picture'),
        onPicture: callback => {
          model.on('change:picture', callback);
          return () => {
            model.off('change:picture', callback);
          };
        }
      });
      const withdraw = offerStudy(el, opened);
      return () => {
        withdraw();
        stop();
        unmount();
      };
    }
  };
}

function kernelOf(model: WidgetModel): Kernel {
  return {
    parameters: () => model.get('parameters'),
    templates: () => model.get('templates'),
    snapshot: () => model.get('tables'),
    ways: () => model.get('ways'),
    instead: () => model.get('instead') ?? {},
    send: message => {
      model.send(message);
    },
    listen(onMessage, onTraits) {
      const forward = (message: KernelMessage, buffers?: readonly ArrayBufferView[]): void => {
        onMessage(message, buffers ?? []);
      };
      model.on('msg:custom', forward);
      for (const event of TRAITS) model.on(event, onTraits);
      return () => {
        model.off('msg:custom', forward);
        for (const event of TRAITS) model.off(event, onTraits);
      };
    }
  };
}
