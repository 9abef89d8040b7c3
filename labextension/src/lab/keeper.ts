/**
 * One notebook's studies: which of their widgets the kernel still has, and what the document holds of each.
 *
 * Laws: a widget dies with the kernel that made it, and never comes back. What the document holds is written from the
 * newest that a page knows: when the study's state or its best changes, and before every save.
 */
import type { Kept } from '../core/kept';
import { modelOf, SAVED_MIME } from '../core/saved';
import type { NotebookContext, NotebookPanel, Outputs } from './notebook';

/** A kernel in one of these states has lost, or is losing, what it had made. */
const LOSING: ReadonlySet<string> = new Set(['restarting', 'autorestarting', 'terminating', 'dead']);

/** Milliseconds between two changes of the document while a study runs. */
const KEEP_MS = 5000;

/** A view that knows more than the document. */
export interface View {
  /** The id of the widget it shows, and what it knows; null while it shows none. */
  kept(): { readonly model: string; readonly kept: Kept } | null;
  /** The kernel is gone. */
  disconnect(): void;
  /** The kernel is there. */
  connect(): void;
}

export class Keeper {
  private readonly views = new Set<View>();
  private readonly dead = new Set<string>();
  private readonly due = new Map<View, number>();

  constructor(
    private readonly panel: NotebookPanel,
    private readonly context: NotebookContext
  ) {
    const { sessionContext, saveState } = context;
    saveState.connect((_, state) => {
      if (state === 'started') for (const view of this.views) this.write(view);
    });
    sessionContext.statusChanged.connect((_, status) => {
      if (LOSING.has(status)) this.lose();
    });
    sessionContext.kernelChanged.connect((_, { oldValue, newValue }) => {
      if (oldValue && oldValue.id !== newValue?.id) this.lose();
      if (newValue) for (const view of this.views) view.connect();
    });
  }

  add(view: View): void {
    this.views.add(view);
  }

  remove(view: View): void {
    clearTimeout(this.due.get(view));
    this.due.delete(view);
    this.views.delete(view);
  }

  /** Whether the present kernel, or one that the notebook may still be connecting to, can have this widget. */
  mayHave(model: string): boolean {
    return !this.dead.has(model) && this.hasKernel;
  }

  get hasKernel(): boolean {
    const { isReady, session } = this.context.sessionContext;
    return Boolean(session?.kernel) || !isReady;
  }

  /** Writes what the view knows into the document, soon. */
  keep(view: View): void {
    if (this.due.has(view)) return;
    this.write(view);
    this.due.set(
      view,
      window.setTimeout(() => {
        this.due.delete(view);
        this.write(view);
      }, KEEP_MS)
    );
  }

  /** Runs these lines in the notebook's kernel, in place of the output in which `node` lies. */
  run(lines: readonly string[], node: HTMLElement): void {
    const kernel = this.context.sessionContext.session?.kernel;
    const area = this.panel.content.widgets.find(cell => cell.node.contains(node))?.outputArea;
    if (kernel && area) area.future = kernel.requestExecute({ code: lines.join('\n'), store_history: false });
  }

  private lose(): void {
    for (const view of this.views) this.write(view);
    for (const outputs of this.outputs()) {
      for (let index = 0; index < outputs.length; index++) {
        const model = modelOf(outputs.get(index).data[SAVED_MIME]);
        if (model !== null) this.dead.add(model);
      }
    }
    for (const view of this.views) view.disconnect();
  }

  private write(view: View): void {
    const known = view.kept();
    if (!known) return;
    const { model, kept } = known;
    for (const outputs of this.outputs()) {
      for (let index = 0; index < outputs.length; index++) {
        const output = outputs.get(index);
        if (modelOf(output.data[SAVED_MIME]) !== model || isSame(output.data, kept)) continue;
        const data = { ...kept, [SAVED_MIME]: { ...(kept[SAVED_MIME] as object), model } };
        const count = output.type === 'execute_result' ? { execution_count: output.executionCount ?? null } : {};
        outputs.set(index, { output_type: output.type, data, metadata: output.metadata, ...count });
      }
    }
  }

  private *outputs(): Iterable<Outputs> {
    for (const { outputs } of this.panel.content.model?.cells ?? []) if (outputs) yield outputs;
  }
}

/** Whether the document holds this already; when it was written makes no difference. */
function isSame(held: Readonly<Record<string, unknown>>, kept: Kept): boolean {
  const words = (data: Readonly<Record<string, unknown>>): string => {
    const { tables } = data[SAVED_MIME] as { tables?: { seq?: number; status?: unknown } };
    return JSON.stringify([Object.keys(data).sort(), data['text/html'], data['text/plain'], tables?.seq]);
  };
  return words(held) === words(kept);
}
