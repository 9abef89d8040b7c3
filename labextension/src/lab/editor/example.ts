/** The tuning example: a command that inserts it below the active cell, or, from the launcher, opens it as a notebook. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker } from '@jupyterlab/notebook';
import { pythonIcon } from '@jupyterlab/ui-components';

export const INSERT_EXAMPLE = 'jupyter-tune:insert-example';
const OPEN_EXAMPLE = 'jupyter-tune:open-example';

export const example: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-tune:example',
  description: 'Inserts a small tuning example, or opens it as a notebook.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ICommandPalette, ILauncher],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker,
    palette: ICommandPalette | null,
    launcher: ILauncher | null
  ) => {
    const { commands } = app;
    const open = async (cwd: string | undefined): Promise<void> => {
      await (await import('./insert_example')).openExample(app, cwd);
    };
    commands.addCommand(INSERT_EXAMPLE, {
      label: 'Insert a Tuning Example',
      caption: 'Puts a small search below the active cell; without a notebook, opens a new one',
      execute: async () => {
        const panel = notebooks.currentWidget;
        if (panel && panel === app.shell.currentWidget) (await import('./insert_example')).insertExample(panel);
        else await open(undefined);
      },
      describedBy: { args: { type: 'object', properties: {} } }
    });
    palette?.addItem({ command: INSERT_EXAMPLE, category: 'Tuning' });
    if (!launcher) return;
    commands.addCommand(OPEN_EXAMPLE, {
      label: 'Tuning Example',
      caption: 'Open a new notebook with a small search',
      icon: pythonIcon,
      execute: ({ cwd }) => open(typeof cwd === 'string' ? cwd : undefined),
      describedBy: { args: { type: 'object', properties: { cwd: { type: 'string' } } } }
    });
    launcher.add({ command: OPEN_EXAMPLE, category: 'Notebook', rank: 100 });
  }
};
