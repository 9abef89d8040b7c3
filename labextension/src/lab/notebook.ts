/** The part of JupyterLab's notebooks that is used here, in Lab and in Notebook 7. */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';

type Listener<T> = (sender: unknown, args: T) => void;

interface Signal<T> {
  connect(listener: Listener<T>): unknown;
  disconnect(listener: Listener<T>): unknown;
}

interface Kernel {
  readonly id: string;
  requestExecute(content: { code: string; store_history?: boolean }): unknown;
}

export interface SessionContext {
  readonly session: { readonly kernel: Kernel | null } | null;
  readonly isReady: boolean;
  readonly statusChanged: Signal<string>;
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

/** The output area of a cell; setting its future shows what that gives in place of what it shows. */
interface OutputArea {
  future: unknown;
  readonly model: Outputs;
}

export interface NotebookPanel {
  readonly content: {
    readonly rendermime: Rendermime;
    readonly widgets: readonly { readonly node: HTMLElement; readonly outputArea?: OutputArea }[];
    readonly model: { readonly cells: Iterable<{ readonly outputs?: Outputs }> } | null;
  };
}

export interface NotebookContext {
  readonly sessionContext: SessionContext;
  readonly saveState: Signal<string>;
}
