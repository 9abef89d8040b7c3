/** The part of JupyterLab's notebooks that is used here, in Lab and in Notebook 7. */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';

type Listener<T> = (sender: unknown, args: T) => void;

interface Signal<T> {
  connect(listener: Listener<T>): unknown;
  disconnect(listener: Listener<T>): unknown;
}

interface Kernel {
  readonly id: string;
  requestCommInfo(content: { target_name: string }): Promise<{ readonly content: object }>;
  reconnect(): Promise<void>;
}

export interface SessionContext {
  readonly session: { readonly kernel: Kernel | null } | null;
  readonly isReady: boolean;
  readonly ready: Promise<void>;
  readonly statusChanged: Signal<string>;
  readonly connectionStatusChanged: Signal<string>;
  readonly iopubMessage: Signal<{ readonly header: { readonly msg_type: string } }>;
  readonly kernelChanged: Signal<{ readonly oldValue: Kernel | null; readonly newValue: Kernel | null }>;
}

export interface Output {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly executionCount?: number | null;
}

export interface Outputs {
  readonly length: number;
  get(index: number): Output;
  set(index: number, output: Record<string, unknown>): void;
}

export interface Rendermime {
  readonly mimeTypes: readonly string[];
  addFactory(factory: IRenderMime.IRendererFactory, rank: number): void;
  getFactory(mimeType: string): IRenderMime.IRendererFactory | undefined;
  createRenderer(mimeType: string): IRenderMime.IRenderer;
}

interface CodeCell {
  readonly node: HTMLElement;
  readonly model: { readonly outputs?: Outputs; readonly sharedModel: { getSource(): string } };
}

export interface NotebookPanel {
  readonly id: string;
  readonly content: {
    readonly rendermime: Rendermime;
    readonly widgets: readonly CodeCell[];
    readonly model: {
      readonly cells: Iterable<{ readonly outputs?: Outputs }>;
      readonly sharedModel: { insertCell(index: number, cell: Record<string, unknown>): unknown };
    } | null;
    activeCellIndex: number;
    deselectAll(): void;
    /** Not in every version. */
    scrollToItem?(index: number, align: string): Promise<void>;
  };
}

export interface NotebookContext {
  readonly sessionContext: SessionContext;
  readonly saveState: Signal<string>;
}

/** Lab's own commands; they act on the notebook that the user is in. */
export interface Commands {
  execute(id: string): Promise<unknown>;
}
