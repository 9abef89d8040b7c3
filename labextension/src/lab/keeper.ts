/**
 * One notebook's studies: which of their widgets the kernel still has, and what the document holds of each.
 *
 * Laws: a widget dies with the kernel that made it, and never comes back. What the document holds is written from the
 * newest that a page knows: when the study's state or its best changes, and before every save.
 *
 * How a page learns that the kernel is gone, or another one:
 *
 *     it did it itself                       the kernel's status
 *     another page did it                    the farewell of the old kernel, the start of the new one
 *     none of these came (a sleep, a         asked when the connection is back, and when a study has been silent for a
 *     lost connection)                       while: a kernel that does not know the widgets is another one
 */
import { modelOf, SAVED_MIME } from '../wire/saved';
import type { Kept } from '../doors';
import type { Commands, NotebookContext, NotebookPanel, Output, Outputs } from './notebook';

/** A kernel in one of these states has lost, or is losing, what the one before it had made. */
const LOSING: ReadonlySet<string> = new Set(['restarting', 'autorestarting', 'terminating', 'dead', 'starting']);

/** The message that a kernel sends to all pages when it shuts down, for whatever reason. */
const FAREWELL = 'shutdown_reply';

const WIDGETS = 'jupyter.widget';

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
  private isAsking = false;

  constructor(
    private readonly panel: NotebookPanel,
    private readonly context: NotebookContext,
    private readonly commands: Commands
  ) {
    const { sessionContext, saveState } = context;
    saveState.connect((_, state) => {
      if (state === 'started') for (const view of this.views) this.write(view);
    });
    sessionContext.statusChanged.connect((_, status) => {
      if (LOSING.has(status)) this.lose();
    });
    sessionContext.iopubMessage.connect((_, { header }) => {
      if (header.msg_type === FAREWELL) this.lose();
    });
    sessionContext.connectionStatusChanged.connect((_, status) => {
      if (status === 'connected') this.doubt();
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

  private get hasKernel(): boolean {
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

  /** Asks the kernel whether it has the widgets that are shown here. */
  doubt(): void {
    if (this.isAsking) return;
    this.isAsking = true;
    // a widget that comes while the kernel is asked is not in its answer
    const models = [...this.views].flatMap(view => view.kept()?.model ?? []);
    this.widgets()
      .then(widgets => {
        if (widgets && models.some(model => !(model in widgets))) this.lose();
      })
      // a kernel that goes while it is asked is heard of by its status
      .catch(() => undefined)
      .finally(() => {
        this.isAsking = false;
      });
  }

  /** Whether the kernel has this widget: as it says itself, which it may do late. One that goes meanwhile has it not. */
  async has(model: string): Promise<boolean> {
    await this.context.sessionContext.ready;
    if (this.dead.has(model)) return false;
    const widgets = await this.widgets().catch(() => null);
    return widgets !== null && model in widgets;
  }

  /** Connects to the kernel anew: after it the notebook's widget manager asks the kernel for its widgets again. */
  async reconnect(): Promise<void> {
    // a kernel that cannot be reached is heard of by its status
    await this.context.sessionContext.session?.kernel?.reconnect().catch(() => undefined);
  }

  /** The widgets that the kernel has, by their ids; null without a kernel, and for an answer that is an error. */
  private async widgets(): Promise<object | null> {
    const { kernel } = this.context.sessionContext.session ?? {};
    if (!kernel) return null;
    const { content } = await kernel.requestCommInfo({ target_name: WIDGETS });
    return (content as { comms?: object }).comms ?? null;
  }

  /**
   * Runs these lines in a cell below the one that holds `node`, where the user sees them. Lab starts a kernel, or asks for
   * one, where there is none. If they show the study, its other outputs show it too.
   */
  async run(lines: readonly string[], node: HTMLElement): Promise<void> {
    const { content } = this.panel;
    const above = content.widgets.findIndex(cell => cell.node.contains(node));
    if (above < 0) return;
    const [source, below] = [lines.join('\n'), above + 1];
    const earlier = Array.from(widgetsIn(content.widgets[above]?.model.outputs), ({ shown }) => shown);
    if (content.widgets[below]?.model.sharedModel.getSource() !== source) {
      const metadata = { trusted: true };
      content.model?.sharedModel.insertCell(below, { cell_type: 'code', source, metadata });
    }
    const cell = content.widgets[below];
    content.activeCellIndex = below;
    content.deselectAll();
    await this.commands.execute('notebook:run-cell');
    const [now] = widgetsIn(cell?.model.outputs);
    if (now) this.follow(earlier, now.shown);
  }

  /** The outputs that showed these widgets show `model` from now on. */
  private follow(earlier: readonly string[], model: string): void {
    for (const { shown, output, put } of this.shown()) {
      if (shown !== model && earlier.includes(shown)) put(output.data, model);
    }
  }

  private lose(): void {
    // the last that is known of it, to the second
    for (const view of this.views) this.write(view, true);
    for (const { shown } of this.shown()) this.dead.add(shown);
    for (const view of this.views) view.disconnect();
  }

  private write(view: View, anew = false): void {
    const known = view.kept();
    if (!known) return;
    const { model, kept } = known;
    for (const { shown, output, put } of this.shown()) {
      if (shown === model && (anew || !isSame(output.data, kept))) put(kept, model);
    }
  }

  /** Every output of the document that shows a widget. */
  private *shown(): Iterable<ShownWidget> {
    for (const { outputs } of this.panel.content.model?.cells ?? []) yield* widgetsIn(outputs);
  }
}

/** An output that shows a widget. */
interface ShownWidget {
  /** The widget's id. */
  readonly shown: string;
  readonly output: Output;
  /** Has the output hold this from now on, for a widget. */
  readonly put: (data: Readonly<Record<string, unknown>>, model: string) => void;
}

function* widgetsIn(outputs: Outputs | undefined): Iterable<ShownWidget> {
  for (let index = 0; outputs && index < outputs.length; index++) {
    const output = outputs.get(index);
    const { type, metadata, executionCount } = output;
    const shown = modelOf(output.data[SAVED_MIME]);
    if (shown === null) continue;
    const put: ShownWidget['put'] = (held, model) => {
      const data = { ...held, [SAVED_MIME]: { ...(held[SAVED_MIME] as object), model } };
      const count = type === 'execute_result' ? { execution_count: executionCount ?? null } : {};
      outputs.set(index, { output_type: type, data, metadata, ...count });
    };
    yield { shown, output, put };
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
