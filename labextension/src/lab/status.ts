/** The status bar's item: what runs on this server, and the best so far. A click opens the panel. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { PANEL_COMMAND } from './panel/plugin';
import { IServedStudies, type ServedStudies } from './served/plugin';
import { progressInWords, statusInWords } from './served/words';
import { isLive } from './served/row';

export const status: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-tune:status',
  description: 'Says in the status bar which studies run, and the best so far.',
  autoStart: true,
  requires: [IServedStudies],
  optional: [IStatusBar],
  activate: (app, { studies }: ServedStudies, bar: IStatusBar | null) => {
    if (!bar) return;
    const node = document.createElement('button');
    node.type = 'button';
    node.className = 'jt-status';
    node.dataset.testid = 'jupyter-tune-status';
    node.addEventListener('click', () => void app.commands.execute(PANEL_COMMAND));
    const item = new Widget({ node });
    const activeStateChanged = new Signal<Widget, void>(item);
    const draw = (): void => {
      const rows = studies.list();
      const [text, live] = [statusInWords(rows), rows.filter(isLive)];
      if (node.textContent !== text) node.textContent = text;
      node.title = live.map(row => `${row.name}: ${progressInWords(row)}`).join('\n');
      activeStateChanged.emit();
    };
    bar.registerStatusItem('jupyter-tune:status', {
      item,
      align: 'left',
      rank: 900,
      isActive: () => studies.list().some(isLive),
      activeStateChanged
    });
    studies.changed.connect(draw);
    // Lab's start does not wait for the list
    void app.restored.then(() => {
      studies.begin();
    });
  }
};
