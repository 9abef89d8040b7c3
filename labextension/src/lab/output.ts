/**
 * Shows studies in a notebook's outputs: live while the kernel that runs them lives, as they were saved when it does not;
 * and keeps the notebook such that every save of it holds the newest picture.
 */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { SAVED_MIME } from '../wire/saved';
import { Keeper } from './keeper';
import type { Commands, NotebookContext, NotebookPanel } from './notebook';
import { StudyOutput } from './study_output';

/** Before widgets, whose rank is -10. */
const RANK = -20;

export const output: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-tune:output',
  description: 'Shows a study in the output of its cell, live or as it was saved, and keeps the saved one fresh.',
  autoStart: true,
  activate: app => {
    app.docRegistry.addWidgetExtension('Notebook', {
      createNew: (panel, context) => {
        attach(panel as unknown as NotebookPanel, context, app.commands);
      }
    });
  }
};

function attach(panel: NotebookPanel, context: NotebookContext, commands: Commands): void {
  const keeper = new Keeper(panel, context, commands);
  panel.content.rendermime.addFactory(
    {
      // a widget is mounted in trusted outputs only; what was saved is data
      safe: true,
      mimeTypes: [SAVED_MIME],
      createRenderer: () => new StudyOutput(panel.content.rendermime, keeper)
    },
    RANK
  );
}
