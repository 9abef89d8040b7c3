/**
 * One study in an output: its widget while the kernel has it, else the dashboard that the output holds.
 *
 *     nothing shown -> waiting for the widget -> live          the widget's dashboard has come
 *                                             -> waiting       the widget manager gave up, or still waits itself, and
 *                                                              the kernel has the widget
 *                                             -> saved         the kernel does not know the widget, or is gone
 *     live -> saved                                            the kernel restarts, dies or is changed
 *     nothing shown -> saved -> waiting                        the output is untrusted, and the kernel has its widget
 *
 * A widget that is long in coming (the kernel is busy) is waited for beside the saved dashboard. Whether a widget is lost
 * only the kernel can say: the manager of a busy page gives up on widgets that it gets a moment later.
 */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Panel, type Widget } from '@lumino/widgets';
import { modelOf, SAVED_MIME } from '../wire/saved';
import type { Absence, Way } from '../wire/store';
import { askLooks, askToKeep, CHANGED, showLooks, SILENT, type Kept, type Looks } from '../doors';
import type { Keeper, View } from './keeper';
import type { Rendermime } from './notebook';

const WIDGET_MIME = 'application/vnd.jupyter.widget-view+json';

/** Milliseconds of waiting for a widget before the saved dashboard is shown meanwhile. */
const PATIENCE_MS = 1500;

/** Milliseconds of waiting for a widget before the kernel is asked whether it has it. */
const OVERDUE_MS = 10_000;

/** Milliseconds before each new try to mount a widget that the kernel has and the widget manager has not shown. */
const AGAIN_MS = [0, 1000, 2000, 4000, 8000];

/** Milliseconds between two looks whether the notebook has a widget manager by now. */
const LOOK_MS = 200;

/** What may be run by a click. */
const LOAD = '%load_ext jupyter_tune';
const LINES: Readonly<Record<Way, RegExp>> = { show: /^%tune show [^\r\n]+$/, resume: /^%tune resume [^\r\n]+$/ };

/** What our widget draws; what the widget manager's own renderer becomes when it has no such widget. */
const DASHBOARD = '.jt-dashboard';
const SAVED_DASHBOARD = '.jt-dashboard.jt-saved';
const NO_WIDGET = 'jupyter-widgets';

interface Mounted {
  readonly model: string;
  readonly host: Widget;
  /** Ends the waiting for it. */
  readonly stop: () => void;
  live: boolean;
}

export class StudyOutput extends Panel implements IRenderMime.IRenderer, View {
  private data: unknown = null;
  private trusted = false;
  private widget: Mounted | null = null;
  private unmount: () => void = () => undefined;
  private turn = 0;
  /** Why what was saved is shown; null while it is not. */
  private absence: Absence | null = null;
  /** The user's choices in the dashboard shown last, for the one that replaces it. */
  private looks: Looks | null = null;

  constructor(
    private readonly rendermime: Rendermime,
    private readonly keeper: Keeper
  ) {
    super();
    this.addClass('jt-study-output');
    keeper.add(this);
    this.node.addEventListener(CHANGED, () => {
      this.keep();
    });
    this.node.addEventListener(SILENT, () => {
      keeper.doubt();
    });
  }

  async renderModel({ data, trusted }: IRenderMime.IMimeModel): Promise<void> {
    this.data = data[SAVED_MIME];
    this.trusted = trusted;
    const model = modelOf(this.data);
    if (this.widget?.model === model) return; // it shows what the output now holds, and more
    this.dropWidget();
    await this.present(model);
  }

  kept(): { readonly model: string; readonly kept: Kept } | null {
    const kept = this.widget?.live && this.dashboard ? askToKeep(this.dashboard) : null;
    return this.widget && kept ? { model: this.widget.model, kept } : null;
  }

  disconnect(): void {
    if (!this.widget) return;
    this.dropWidget();
    void this.showSaved('gone');
  }

  connect(): void {
    // a kernel has come: what was saved can be shown as it is now, and the widget may be one of its
    if (!this.widget && this.data !== null) void this.present(modelOf(this.data));
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.keeper.remove(this);
    this.turn++;
    this.dropWidget();
    this.unmount();
    super.dispose();
  }

  private async present(model: string | null): Promise<void> {
    if (model === null || !this.canMount(model)) await this.showSaved('gone');
    else if (this.trusted) this.mount(model);
    else await this.showShared(model);
  }

  private canMount(model: string): boolean {
    return this.keeper.mayHave(model) && this.rendermime.mimeTypes.includes(WIDGET_MIME);
  }

  /**
   * For an untrusted output: another person in the same notebook ran the cell, or the file is not trusted. Nothing from the
   * output is mounted: the widget comes from the kernel, if the kernel has it.
   */
  private async showShared(model: string): Promise<void> {
    await this.showSaved('connecting');
    void this.keeper.has(model).then(isHere => {
      if (this.isDisposed || this.widget || modelOf(this.data) !== model) return;
      if (isHere) this.mount(model);
      else void this.showSaved('gone');
    });
  }

  private mount(model: string, tries = 0): void {
    const factory = this.rendermime.getFactory(WIDGET_MIME);
    const host = this.rendermime.createRenderer(WIDGET_MIME);
    const patience = setTimeout(() => {
      if (this.absence !== 'connecting') void this.showSaved('connecting');
    }, PATIENCE_MS);
    const overdue = setTimeout(() => void this.mountAgain(widget, tries), OVERDUE_MS);
    // A renderer made before the notebook's session was ready has no widget manager, and only one that lies directly in
    // an output is given it later. The manager comes with a factory of its own.
    const look = setInterval(() => {
      if (this.rendermime.getFactory(WIDGET_MIME) === factory) return;
      this.dropWidget();
      this.mount(model);
    }, LOOK_MS);
    const observer = new MutationObserver(() => {
      if (host.node.querySelector(DASHBOARD)) this.goLive();
      else if (host.hasClass(NO_WIDGET)) {
        clearTimeout(overdue);
        observer.disconnect();
        void this.mountAgain(widget, tries);
      }
    });
    observer.observe(host.node, { childList: true, subtree: true, attributes: true, attributeFilter: ['class'] });
    const stop = (): void => {
      clearTimeout(patience);
      clearTimeout(overdue);
      clearInterval(look);
      observer.disconnect();
    };
    const widget: Mounted = { model, host, stop, live: false };
    this.widget = widget;
    // out of sight until it shows the study: before, it says that it loads
    host.node.style.display = 'none';
    this.addWidget(host);
    const view = { version_major: 2, version_minor: 0, model_id: model };
    const nothing = (): void => undefined;
    void host.renderModel({ trusted: true, data: { [WIDGET_MIME]: view }, metadata: {}, setData: nothing });
  }

  /** The widget manager has given up on it, or has not shown it for long. */
  private async mountAgain(widget: Mounted, tries: number): Promise<void> {
    // what is overdue may come at any time
    const isWaitedFor = (): boolean => this.widget === widget && !widget.live;
    const isHere = await this.keeper.has(widget.model);
    if (!isWaitedFor()) return;
    const wait_ms = AGAIN_MS[tries];
    if (!isHere || wait_ms === undefined) {
      this.dropWidget();
      await this.showSaved(isHere ? 'undrawn' : 'gone');
      return;
    }
    await new Promise(resolve => setTimeout(resolve, wait_ms));
    // at the first try the manager has it by now, or never asked the kernel for it
    if (tries > 0) await this.keeper.reconnect();
    if (isWaitedFor()) {
      this.dropWidget();
      this.mount(widget.model, tries + 1);
    }
  }

  private goLive(): void {
    if (!this.widget || this.widget.live) return;
    this.widget.stop();
    this.noteLooks();
    this.widget.live = true;
    this.hideSaved();
    this.widget.host.node.style.display = '';
    this.showLooks();
    this.keep();
  }

  /** In a shared notebook only the page that ran the cell writes changes. */
  private keep(): void {
    if (this.trusted) this.keeper.keep(this);
  }

  /** The visible dashboard: the widget's, or the saved one. */
  private get dashboard(): Element | null {
    if (this.widget?.live) return this.widget.host.node.querySelector(DASHBOARD);
    return this.node.querySelector(SAVED_DASHBOARD);
  }

  private noteLooks(): void {
    this.looks = (this.dashboard && askLooks(this.dashboard)) ?? this.looks;
  }

  private showLooks(): void {
    if (this.dashboard && this.looks) showLooks(this.dashboard, this.looks);
  }

  private dropWidget(): void {
    this.noteLooks();
    this.widget?.stop();
    this.widget?.host.dispose();
    this.widget = null;
  }

  private hideSaved(): void {
    this.turn++;
    this.absence = null;
    this.unmount();
    this.unmount = () => undefined;
  }

  private async showSaved(absence: Absence): Promise<void> {
    const turn = ++this.turn;
    this.absence = absence;
    const { mountSaved } = await import('./saved');
    if (this.isDisposed || turn !== this.turn) return;
    this.noteLooks();
    this.unmount();
    const lines = absence !== 'connecting' && this.trusted ? bringingLines(this.data) : null;
    const bring = (way: Way): Promise<void> => (lines ? this.keeper.run(lines[way], this.node) : Promise.resolve());
    this.unmount = mountSaved(this.node, this.data, { absence, ...(lines && { bring }) });
    this.showLooks();
  }
}

/** The lines that show the study, or go on with it, if they are what they should be: the notebook may say anything. */
function bringingLines(data: unknown): Readonly<Record<Way, readonly string[]>> | null {
  const ways = (data as { ways?: Readonly<Record<string, unknown>> } | null)?.ways ?? {};
  const line = (way: Way): string | null => {
    const written = ways[way];
    return typeof written === 'string' && LINES[way].test(written) ? written : null;
  };
  const [show, resume] = [line('show'), line('resume')];
  if (ways.load !== LOAD || show === null) return null;
  return { show: [LOAD, show], resume: resume === null ? [LOAD, show] : [LOAD, resume, show] };
}
