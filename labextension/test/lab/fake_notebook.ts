/** A notebook of Lab with a study in an output: the kernel, the widget manager and the document that the tests move by hand. */
import { vi } from 'vitest';
import { KEEP, offerLooks, SILENT, type Kept, type Looks } from '../../src/doors';
import { SAVED_MIME } from '../../src/wire/saved';
import { Keeper } from '../../src/lab/keeper';
import type {
  NotebookContext,
  NotebookPanel,
  Output,
  Outputs as NotebookOutputs,
  Rendermime
} from '../../src/lab/notebook';
import { StudyOutput } from '../../src/lab/study_output';
import { parameters, snapshot, templates } from '../fixtures';

const WIDGET = 'application/vnd.jupyter.widget-view+json';
export const ways = { load: '%load_ext jupyter_tune', show: '%tune show mnist', resume: '%tune resume mnist' };
export const dashboard = { version: 1, parameters, templates, tables: snapshot, ways, saved_at: 1.8e9 };
export const newest: Kept = { 'text/html': '<p>newest</p>', 'text/plain': 'newest', [SAVED_MIME]: dashboard };

class Signal<T> {
  private readonly listeners: ((sender: unknown, args: T) => void)[] = [];
  connect(listener: (sender: unknown, args: T) => void): void {
    this.listeners.push(listener);
  }
  disconnect(): void {
    this.listeners.length = 0;
  }
  emit(args: T): void {
    for (const listener of this.listeners) listener(null, args);
  }
}

/** A notebook of one output, a kernel that has the widgets `known`, and a widget manager. */
export class Notebook {
  readonly status = new Signal<string>();
  readonly kernelChanged = new Signal<{ oldValue: { id: string } | null; newValue: { id: string } | null }>();
  readonly saveState = new Signal<string>();
  readonly connection = new Signal<string>();
  readonly iopub = new Signal<{ header: { msg_type: string } }>();
  /** The sources of its cells, and what has been run of them. */
  readonly sources = ['%%tune'];
  readonly executed: string[] = [];
  /** The widget that the next cell to be run shows. */
  brings: string | null = null;
  readonly known = new Set(['w1']);
  /** When an answer of the kernel, which says what it had when it was asked, arrives. */
  answers: Promise<void> = Promise.resolve();
  /** How many times the widget manager still finds no widget, whatever the kernel has; and how often it asked anew. */
  misses = 0;
  reconnects = 0;
  writes = 0;
  /** What has been chosen in the widget's dashboard. */
  looks: Looks = { selected: null, view: null, sorting: null, tag: '' };
  data: Record<string, unknown> = { [WIDGET]: { model_id: 'w1' }, [SAVED_MIME]: { ...dashboard, model: 'w1' } };
  private factory = { safe: false, mimeTypes: [WIDGET], createRenderer: () => this.widget() } as never;
  readonly output: StudyOutput;

  constructor(kernel: { id: string } | null = { id: 'k1' }) {
    const comms = async (): Promise<{ content: object }> => {
      const comms = Object.fromEntries([...this.known].map(id => [id, {}]));
      await this.answers;
      return { content: { comms } };
    };
    const reconnect = (): Promise<void> => {
      this.reconnects++;
      return Promise.resolve();
    };
    const session = { kernel: kernel && { ...kernel, requestCommInfo: comms, reconnect } };
    const outputs = {
      length: 1,
      get: (): Output => ({ type: 'display_data', data: this.data, metadata: {} }),
      set: (_: number, output: Record<string, unknown>) => {
        this.writes++;
        this.data = output.data as Record<string, unknown>;
        void this.show();
      }
    };
    const rendermime: Rendermime = {
      mimeTypes: [WIDGET],
      addFactory: () => undefined,
      getFactory: () => this.factory,
      createRenderer: () => this.widget() as never
    };
    const cellNode = document.createElement('div');
    document.body.replaceChildren(cellNode);
    const below: { data: Record<string, unknown> }[] = [];
    const outputsBelow = {
      get length() {
        return below.length;
      },
      get: (index: number): Output => ({ type: 'display_data', data: below[index]?.data ?? {}, metadata: {} }),
      set: () => undefined
    };
    const cell = (
      node: HTMLElement,
      held: NotebookOutputs,
      at: number
    ): NotebookPanel['content']['widgets'][number] => ({
      node,
      model: { outputs: held, sharedModel: { getSource: () => this.sources[at] ?? '' } }
    });
    const widgets = [cell(cellNode, outputs, 0)];
    const sharedModel = {
      insertCell: (at: number, { source }: Record<string, unknown>) => {
        this.sources.splice(at, 0, String(source));
        widgets.splice(at, 0, cell(document.createElement('div'), outputsBelow, at));
      }
    };
    const content = {
      rendermime,
      widgets,
      model: { cells: [{ outputs }, { outputs: outputsBelow }], sharedModel },
      activeCellIndex: 0,
      deselectAll: () => undefined
    };
    const panel: NotebookPanel = { id: 'notebook', content };
    const commands = {
      execute: (id: string) => {
        this.executed.push(`${id} ${this.sources[content.activeCellIndex] ?? ''}`);
        if (this.brings) below.push({ data: { [SAVED_MIME]: { ...dashboard, model: this.brings } } });
        return Promise.resolve();
      }
    };
    const sessionContext = {
      session,
      isReady: true,
      ready: Promise.resolve(),
      statusChanged: this.status,
      connectionStatusChanged: this.connection,
      iopubMessage: this.iopub,
      kernelChanged: this.kernelChanged
    };
    const context: NotebookContext = { sessionContext, saveState: this.saveState } as never;
    this.output = new StudyOutput(rendermime, new Keeper(panel, context, commands));
    cellNode.append(this.output.node);
  }

  /** The widget manager of the notebook comes late, with a factory of its own. */
  manage(): void {
    this.factory = { ...(this.factory as object) } as never;
  }

  show(trusted = true): Promise<void> {
    return this.output.renderModel({ data: this.data, trusted, metadata: {} } as never);
  }

  private widget(): unknown {
    const node = document.createElement('div');
    return {
      node,
      hasClass: (name: string) => node.classList.contains(name),
      dispose: () => {
        node.remove();
      },
      renderModel: ({ data }: { data: Record<string, { model_id: string }> }) => {
        if (!this.known.has(data[WIDGET]?.model_id ?? '') || this.misses-- > 0) {
          node.classList.add('jupyter-widgets');
          return;
        }
        const root = document.createElement('section');
        root.className = 'jt-dashboard live';
        root.addEventListener(KEEP, event => {
          (event as CustomEvent<{ kept: Kept | null }>).detail.kept = newest;
        });
        const show = (looks: Looks): void => {
          this.looks = looks;
        };
        offerLooks(root, () => this.looks, show);
        node.append(root);
      }
    };
  }

  /** Its dashboard says that nothing comes from the kernel. */
  silence(): void {
    this.output.node.querySelector('.live')?.dispatchEvent(new CustomEvent(SILENT, { bubbles: true }));
  }

  get isLive(): boolean {
    const root = this.output.node.querySelector<HTMLElement>('.live');
    return root !== null && root.parentElement?.style.display !== 'none';
  }

  get isSaved(): boolean {
    return this.output.node.querySelector('.jt-saved') !== null;
  }
}

export const until = (condition: () => boolean): Promise<void> =>
  vi.waitUntil(condition, { timeout: 50_000 }).then(() => undefined);
