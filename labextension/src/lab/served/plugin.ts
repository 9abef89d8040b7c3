/** The studies of the server, for the plugins that show them. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, showDialog } from '@jupyterlab/apputils';
import { Token } from '@lumino/coreutils';
import { actionsOn, type Actions } from './actions';
import { openerIn } from './opener';
import { studyServer } from './server';
import { Studies } from './studies';

export interface ServedStudies {
  readonly studies: Studies;
  readonly actions: Actions;
}

export const IServedStudies = new Token<ServedStudies>(
  'jupyter-tune:IServedStudies',
  'The hyperparameter studies under the server’s root, and what can be done with them.'
);

async function confirm(title: string, body: string, yes: string): Promise<boolean> {
  const { button } = await showDialog({
    title,
    body,
    buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: yes })]
  });
  return button.accept;
}

export const servedStudies: JupyterFrontEndPlugin<ServedStudies> = {
  id: 'jupyter-tune:studies',
  description: 'Follows the studies under the server’s root.',
  autoStart: true,
  provides: IServedStudies,
  activate: (app: JupyterFrontEnd) => {
    const { serverSettings, events } = app.serviceManager;
    const studies = new Studies(studyServer(serverSettings), events);
    // a connection that was lost has lost events too
    app.serviceManager.connectionFailure.connect(() => {
      studies.refreshSoon();
    });
    return { studies, actions: actionsOn(studies, openerIn(app), confirm) };
  }
};
