/**
 * What one widget model knows, shared by all its views: the tables, the logs that came, the notices not yet dismissed.
 *
 * Laws: facts come from the kernel only; a view sends requests and waits for the facts. A lost delta is answered by asking
 * for a snapshot, once until it comes or until the answer is overdue. The kernel sends something about once a second:
 * silence means that it is busy, or gone.
 */
import { inDeclaredOrder } from './declared';
import {
  hasEnded,
  type Instead,
  type KernelMessage,
  type Machine,
  type PageMessage,
  type Parameter,
  type Snapshot,
  type Status,
  type Templates,
  type Ways
} from './protocol';
import { applyDelta, fromSnapshot, judge, type Tables } from './tables';

/**
 * Why a study is shown as it was saved: its kernel does not answer yet; or will not any more; or has the study, and this
 * page could not draw it; or its file was opened, and no kernel takes part.
 */
export type Absence = 'connecting' | 'gone' | 'undrawn' | 'file';

/** The end of the wire: what the store needs of a widget model. */
export interface Kernel {
  parameters(): readonly Parameter[];
  templates(): Templates;
  snapshot(): Snapshot;
  send(message: PageMessage): void;
  /** True for what was saved: there is no kernel for a request. */
  readonly saved?: boolean;
  /** When it was saved, in unix seconds. */
  readonly savedAt?: number | null;
  /** Why it is shown as it was saved. */
  readonly absence?: Absence;
  /** Runs the lines that do this, in a cell that can be seen; resolves when they have run. */
  readonly bring?: (way: Way) => Promise<void>;
  /** Whether the study had not ended when it was saved. */
  readonly ranWhenSaved?: boolean;
  /** Whether its model is being drawn elsewhere. */
  drawsModel?(): boolean;
  /** How the study is brought back. */
  ways?(): Ways;
  /** What can be started in its place. */
  instead?(): Instead;
  /** Calls back on every message and on every change of a trait; returns the cleanup. */
  listen(
    onMessage: (message: KernelMessage, buffers: readonly ArrayBufferView[]) => void,
    onTraits: () => void
  ): () => void;
}

/** What can be done with a study that was saved: show it as it is now, or go on with it. */
export type Way = 'show' | 'resume';

export interface TrialLog {
  readonly text: string;
  readonly error: string;
}

export interface Notice {
  readonly id: number;
  readonly level: 'info' | 'error';
  readonly text: string;
  /** It goes by itself. */
  readonly passes?: boolean;
}

const SNAPSHOT_OVERDUE_MS = 3000;
/** The kernel counts as silent after this; it sends three times as often. */
const SILENT_MS = 3000;

export class Store {
  tables: Tables;
  /** When these tables came, on the clock of `now`; between messages a view counts on from here. */
  receivedAt: number;
  notices: readonly Notice[] = [];
  /** Null before the kernel has said something of it, and for what was saved. */
  machine: Machine | null = null;
  readonly logs = new Map<number, TrialLog>();
  /** The trial that every view marks, by number. */
  selected: number | null = null;
  private readonly views = new Set<() => void>();
  private readonly stopListening: () => void;
  private noticeCount = 0;
  private heardAt: number;
  private sentSince: readonly PageMessage[] = [];
  private askedAt = -Infinity;
  private isLost = false;

  constructor(
    private readonly kernel: Kernel,
    readonly now: () => number = () => performance.now()
  ) {
    this.tables = inDeclaredOrder(fromSnapshot(kernel.snapshot()), kernel.parameters());
    this.receivedAt = this.heardAt = now();
    this.stopListening = kernel.listen(
      (message, buffers) => {
        this.receive(message, buffers);
      },
      () => {
        this.adoptTraits();
      }
    );
    if (this.saved) return;
    // Deltas sent while the page was still loading this code are gone, and the trait may be older than they are.
    this.askForSnapshot();
  }

  /** True where requests go nowhere: the views then offer none. */
  get saved(): boolean {
    return this.kernel.saved === true;
  }

  /** Whether there is a kernel that a request reaches. */
  get isHeard(): boolean {
    return !this.saved && !this.isLost;
  }

  /** Whether a model that is not here may still come. */
  get awaitsModel(): boolean {
    return this.isHeard || this.kernel.drawsModel?.() === true;
  }

  /** True while the study can still be steered. */
  get steerable(): boolean {
    const { state } = this.tables.status;
    return this.isHeard && (state === 'starting' || state === 'running' || state === 'paused');
  }

  /** For how many seconds nothing has come from the kernel of a study that goes on; null where all is well. */
  get silent_s(): number | null {
    if (!this.isHeard || hasEnded(this.tables.status.state)) return null;
    const { unheard_s } = this;
    return 1000 * unheard_s < SILENT_MS ? null : unheard_s;
  }

  /** Seconds since something came from the kernel. */
  get unheard_s(): number {
    return (this.now() - this.heardAt) / 1000;
  }

  /** For how long the study has run by now, in seconds. */
  get elapsed_s(): number {
    const { state, elapsed_s } = this.tables.status;
    const runs = state === 'running' && !this.saved;
    return elapsed_s + (runs ? (this.now() - this.receivedAt) / 1000 : 0);
  }

  /** What was sent since the kernel was last heard: it may wait there until the kernel is free. */
  get unanswered(): readonly PageMessage[] {
    return this.sentSince;
  }

  get savedAt(): number | null {
    return this.kernel.savedAt ?? null;
  }

  get absence(): Absence | null {
    return this.kernel.absence ?? null;
  }

  get ranWhenSaved(): boolean {
    return this.kernel.ranWhenSaved === true;
  }

  get bring(): ((way: Way) => Promise<void>) | null {
    return this.kernel.bring ?? null;
  }

  get ways(): Ways {
    return this.kernel.ways?.() ?? {};
  }

  get instead(): Instead {
    return this.kernel.instead?.() ?? {};
  }

  /** The kernel has ended: requests are not answered, and the status that is shown changes. */
  lose(change: (status: Status) => Status): void {
    this.isLost = true;
    this.adopt({ ...this.tables, status: change(this.tables.status) });
  }

  get parameters(): readonly Parameter[] {
    return this.kernel.parameters();
  }

  get templates(): Templates {
    return this.kernel.templates();
  }

  send(message: PageMessage): void {
    if (!this.isHeard) return;
    this.sentSince = [...this.sentSince, message];
    this.kernel.send(message);
    if (this.silent_s !== null) this.changed();
  }

  select(trial: number | null): void {
    if (trial === this.selected) return;
    this.selected = trial;
    this.changed();
  }

  subscribe(onChange: () => void): () => void {
    this.views.add(onChange);
    return () => this.views.delete(onChange);
  }

  /** Tells the user something that need not be dismissed. */
  mention(text: string): void {
    this.addNotice({ level: 'info', text, passes: true });
  }

  dismiss(id: number): void {
    this.notices = this.notices.filter(notice => notice.id !== id);
    this.changed();
  }

  dispose(): void {
    this.stopListening();
    this.views.clear();
  }

  private receive(message: KernelMessage, buffers: readonly ArrayBufferView[]): void {
    const wasSilent = this.silent_s !== null;
    this.heard();
    switch (message.type) {
      case 'alive':
        if (wasSilent) this.changed();
        break;
      case 'snapshot':
        this.askedAt = -Infinity;
        this.adopt(fromSnapshot(message, buffers));
        break;
      case 'delta':
        switch (judge(message, this.tables.seq)) {
          case 'apply':
            this.adopt(applyDelta(this.tables, message, buffers));
            break;
          case 'lost':
            this.askForSnapshot();
            break;
          case 'ignore':
        }
        break;
      case 'log':
        this.logs.set(message.trial, { text: message.text, error: message.error });
        this.changed();
        break;
      case 'machine':
        this.machine = message;
        this.changed();
        break;
      case 'notice':
        this.addNotice({ level: message.level, text: message.text });
    }
  }

  private heard(): void {
    this.heardAt = this.now();
    this.sentSince = [];
  }

  private addNotice(notice: Omit<Notice, 'id'>): void {
    this.notices = [...this.notices, { id: ++this.noticeCount, ...notice }];
    this.changed();
  }

  private adoptTraits(): void {
    this.heard();
    const snapshot = this.kernel.snapshot();
    if (snapshot.seq >= this.tables.seq) this.adopt(fromSnapshot(snapshot));
    else this.changed();
  }

  private adopt(tables: Tables): void {
    this.tables = inDeclaredOrder(tables, this.parameters);
    this.receivedAt = this.now();
    this.changed();
  }

  private askForSnapshot(): void {
    if (this.now() - this.askedAt < SNAPSHOT_OVERDUE_MS) return;
    this.askedAt = this.now();
    this.send({ type: 'snapshot' });
  }

  private changed(): void {
    for (const view of this.views) view();
  }
}
