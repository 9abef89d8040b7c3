/** The panel of all studies of the server, in Lab's left area and Notebook 7's. */
import { ILayoutRestorer, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';
import { studyIcon } from '../icon';
import { IServedStudies, type ServedStudies } from '../served/plugin';

export const PANEL_COMMAND = 'jupyter-tune:show-panel';
const ID = 'jupyter-tune-panel';
const RANK = 520;

class PanelWidget extends Widget {
  private unmount: (() => void) | null = null;

  constructor(private readonly served: ServedStudies) {
    super();
    this.id = ID;
    this.addClass('jt-panel-widget');
    this.title.icon = studyIcon;
    this.title.caption = 'Studies';
  }

  protected override onAfterShow(): void {
    void this.mount();
  }

  /** Its inside is loaded when it is shown first. */
  private async mount(): Promise<void> {
    if (this.unmount) return;
    this.unmount = () => undefined;
    const { mountPanel } = await import('./panel');
    if (!this.isDisposed) this.unmount = mountPanel(this.node, this.served.studies, this.served.actions);
  }

  override dispose(): void {
    this.unmount?.();
    super.dispose();
  }
}

export const panel: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-tune:panel',
  description: 'Lists all studies of the server: how they stand, and Stop, Pause, Resume, Compare, Delete.',
  autoStart: true,
  requires: [IServedStudies],
  optional: [ILayoutRestorer, ICommandPalette],
  activate: (app, served: ServedStudies, restorer: ILayoutRestorer | null, palette: ICommandPalette | null) => {
    const widget = new PanelWidget(served);
    app.shell.add(widget, 'left', { rank: RANK, type: 'Studies' });
    restorer?.add(widget, ID);
    app.commands.addCommand(PANEL_COMMAND, {
      label: 'Show Studies',
      caption: 'Show the panel of all studies of this server',
      icon: studyIcon,
      execute: () => {
        app.shell.activateById(ID);
      }
    });
    palette?.addItem({ command: PANEL_COMMAND, category: 'Tuning' });
  }
};
