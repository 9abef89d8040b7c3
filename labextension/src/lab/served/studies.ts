/**
 * The studies of the server, as they are now: one list for the panel, the status bar, the notifications and the title.
 *
 * The list is asked for once, then changes by the server's events, which are not replayed: after each reconnect it is asked
 * for again. It begins with the first listener, after Lab is ready, so that Lab's start does not wait for it.
 */
import { Signal, type ISignal } from '@lumino/signaling';
import { inOrder, type Row } from './row';
import type { StudyServer } from './server';

export const SCHEMA_ID = 'https://schema.jupyter-tune.org/study/v1';

/** Delay in ms before a failed request for the list is repeated: doubles with each failure, from the first to the second. */
const [AGAIN_MS, LATEST_MS] = [5000, 300_000];

/** What the server's event bus says; Lab's `serviceManager.events`. */
export interface EventBus {
  readonly stream: { connect(listener: (sender: unknown, event: Emission) => void): unknown };
}

interface Emission {
  readonly schema_id: string;
  readonly [field: string]: unknown;
}

interface Change {
  readonly row: Row | null;
  /** As it was before; null for a new one. */
  readonly before: Row | null;
  readonly path: string;
}

export class Studies {
  private readonly rows = new Map<string, Row>();
  private readonly _changed = new Signal<this, Change | null>(this);
  private state: 'idle' | 'reading' | 'read' = 'idle';
  private newer = new Set<string>();
  private again_ms = AGAIN_MS;
  /** Studies that the server still reads. */
  unread = 0;
  /** Why there is no list; null if there is one. */
  error: string | null = null;

  constructor(
    readonly server: StudyServer,
    private readonly events: EventBus
  ) {}

  /** One study has changed; null: any of them may have. */
  get changed(): ISignal<this, Change | null> {
    return this._changed;
  }

  get isRead(): boolean {
    return this.state === 'read';
  }

  list(): Row[] {
    return inOrder(this.rows.values());
  }

  get(path: string): Row | undefined {
    return this.rows.get(path);
  }

  /** Begins to follow the studies; the second time it does nothing. */
  begin(): void {
    if (this.state !== 'idle') return;
    this.events.stream.connect((_, event) => {
      if (event.schema_id === SCHEMA_ID) this.take(event as unknown as { path: string; row: Row | null });
    });
    void this.refresh();
  }

  /** Asks for the whole list again. */
  async refresh(): Promise<void> {
    this.state = 'reading';
    this.newer = new Set();
    try {
      const { studies, unread } = await this.server.list();
      const listed = new Set(studies.map(row => row.path));
      for (const path of this.rows.keys()) if (!listed.has(path) && !this.newer.has(path)) this.rows.delete(path);
      // an event that came meanwhile is newer than the list
      for (const row of studies) if (!this.newer.has(row.path)) this.rows.set(row.path, row);
      this.unread = unread;
      this.error = null;
      this.again_ms = AGAIN_MS;
      this.state = 'read';
    } catch (error) {
      this.error = error instanceof Error ? error.message : String(error);
      this.state = 'read';
      setTimeout(() => void this.refresh(), this.again_ms);
      this.again_ms = Math.min(2 * this.again_ms, LATEST_MS);
    }
    this._changed.emit(null);
  }

  /** Asks for the list again, for events may have been missed; not before it has begun. */
  refreshSoon(): void {
    if (this.state === 'read') void this.refresh();
  }

  private take({ path, row }: { readonly path: string; readonly row: Row | null }): void {
    this.newer.add(path);
    const before = this.rows.get(path) ?? null;
    if (row) this.rows.set(path, row);
    else this.rows.delete(path);
    if (!before && this.unread > 0) this.unread--;
    this._changed.emit({ row, before, path });
  }
}
