/**
 * One study in an output: its widget while the kernel has it, else the dashboard that the output holds.
 *
 *     nothing shown -> waiting for the widget -> live          the widget's dashboard has come
 *                                             -> saved         the kernel does not know the widget, or is gone
 *     live -> saved                                            the kernel restarts, dies or is changed
 *
 * A widget that is long in coming (the kernel is busy) is waited for beside the saved dashboard.
 */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Panel, type Widget } from '@lumino/widgets';
import { askToKeep, CHANGED, SILENT, type Kept } from '../core/kept';
import { modelOf, SAVED_MIME, type Absence } from '../core/saved';
import type { Way } from '../core/store';
import type { Keeper, View } from './keeper';
import type { Rendermime } from './notebook';

const WIDGET_MIME = 'application/vnd.jupyter.widget-view+json';

/** Milliseconds of waiting for a widget before the saved dashboard is shown meanwhile. */
const PATIENCE_MS = 1500;

/** Milliseconds between two looks whether the notebook has a widget manager by now. */
const LOOK_MS = 200;

/** What may be run by a click. */
const LOAD = '%load_ext jupyter_tune';
const LINES: Readonly<Record<Way, RegExp>> = { show: /^%tune show [^\r\n]+$/, resume: /^%tune resume [^\r\n]+$/ };

/** What our widget draws; what the widget manager's own renderer becomes when it has no such widget. */
const DASHBOARD = '.jt-dashboard';
const NO_WIDGET = 'jupyter-widgets';

export class StudyOutput extends Panel implements IRenderMime.IRenderer, View {
  private data: unknown = null;
  private trusted = false;
  private widget: { readonly model: string; readonly host: Widget; readonly stop: () => void; live: boolean } | null =
    null;
  private unmount: () => void = () => undefined;
  private turn = 0;

  constructor(
    private readonly rendermime: Rendermime,
    private readonly keeper: Keeper
  ) {
    super();
    this.addClass('jt-study-output');
    keeper.add(this);
    this.node.addEventListener(CHANGED, () => {
      keeper.keep(this);
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
    if (model !== null && this.canMount(model)) this.mount(model);
    else await this.showSaved('gone');
  }

  kept(): { readonly model: string; readonly kept: Kept } | null {
    const root = this.widget?.live ? this.widget.host.node.querySelector(DASHBOARD) : null;
    const kept = root && askToKeep(root);
    return this.widget && kept ? { model: this.widget.model, kept } : null;
  }

  disconnect(): void {
    if (!this.widget) return;
    this.dropWidget();
    void this.showSaved('gone');
  }

  connect(): void {
    // a kernel has come: what was saved can be shown as it is now, and the widget may be one of its
    const model = modelOf(this.data);
    if (this.widget || this.data === null) return;
    if (model !== null && this.canMount(model)) this.mount(model);
    else void this.showSaved('gone');
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.keeper.remove(this);
    this.turn++;
    this.widget?.stop();
    this.unmount();
    super.dispose();
  }

  private canMount(model: string): boolean {
    return this.trusted && this.keeper.mayHave(model) && this.rendermime.mimeTypes.includes(WIDGET_MIME);
  }

  private mount(model: string): void {
    const factory = this.rendermime.getFactory(WIDGET_MIME);
    const host = this.rendermime.createRenderer(WIDGET_MIME);
    const patience = setTimeout(() => void this.showSaved('connecting'), PATIENCE_MS);
    // A renderer made before the notebook's session was ready has no widget manager, and only one that lies directly in
    // an output is given it later. The manager comes with a factory of its own.
    const look = setInterval(() => {
      if (this.rendermime.getFactory(WIDGET_MIME) === factory) return;
      this.dropWidget();
      this.mount(model);
    }, LOOK_MS);
    const observer = new MutationObserver(() => {
      if (host.node.querySelector(DASHBOARD)) this.goLive();
      else if (host.hasClass(NO_WIDGET)) this.disconnect();
    });
    observer.observe(host.node, { childList: true, subtree: true, attributes: true, attributeFilter: ['class'] });
    const stop = (): void => {
      clearTimeout(patience);
      clearInterval(look);
      observer.disconnect();
    };
    this.widget = { model, host, stop, live: false };
    // out of sight until it shows the study: before, it says that it loads
    host.node.style.display = 'none';
    this.addWidget(host);
    const view = { version_major: 2, version_minor: 0, model_id: model };
    const nothing = (): void => undefined;
    void host.renderModel({ trusted: true, data: { [WIDGET_MIME]: view }, metadata: {}, setData: nothing });
  }

  private goLive(): void {
    if (!this.widget || this.widget.live) return;
    this.widget.stop();
    this.widget.live = true;
    this.hideSaved();
    this.widget.host.node.style.display = '';
    this.keeper.keep(this);
  }

  private dropWidget(): void {
    this.widget?.stop();
    this.widget?.host.dispose();
    this.widget = null;
  }

  private hideSaved(): void {
    this.turn++;
    this.unmount();
    this.unmount = () => undefined;
  }

  private async showSaved(absence: Absence): Promise<void> {
    const turn = ++this.turn;
    const { mountSaved } = await import('./saved');
    if (this.isDisposed || turn !== this.turn) return;
    this.unmount();
    const lines = absence === 'gone' && this.trusted ? bringingLines(this.data) : null;
    const bring = (way: Way): Promise<void> => (lines ? this.keeper.run(lines[way], this.node) : Promise.resolve());
    this.unmount = mountSaved(this.node, this.data, { absence, ...(lines && { bring }) });
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
