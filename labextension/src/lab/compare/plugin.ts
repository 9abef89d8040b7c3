/** Compares studies of the server in one chart, in a tab of its own. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { MainAreaWidget } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';
import { studyIcon } from '../icon';
import { COMPARE_COMMAND } from '../served/opener';
import { IServedStudies, type ServedStudies } from '../served/plugin';

class ComparisonWidget extends Widget {
  private unmount: () => void = () => undefined;

  constructor(data: unknown) {
    super();
    this.addClass('jt-study-file');
    void import('./comparison').then(({ mountComparison }) => {
      if (!this.isDisposed) this.unmount = mountComparison(this.node, data);
    });
  }

  override dispose(): void {
    this.unmount();
    super.dispose();
  }
}

export const compare: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-tune:compare',
  description: 'Compares studies of the server in one chart.',
  autoStart: true,
  requires: [IServedStudies],
  activate: ({ commands, shell }, { studies }: ServedStudies) => {
    commands.addCommand(COMPARE_COMMAND, {
      label: 'Compare Studies',
      execute: async args => {
        const paths = Array.isArray(args.paths) ? args.paths.map(String) : [];
        if (paths.length === 0) return;
        // what cannot be compared is said where it was asked for
        const widget = new MainAreaWidget({ content: new ComparisonWidget(await studies.server.compare(paths)) });
        widget.id = `jupyter-tune-compare-${paths.join('|')}`;
        widget.title.label = 'Studies compared';
        widget.title.caption = paths.join('\n');
        widget.title.icon = studyIcon;
        widget.title.closable = true;
        shell.add(widget, 'main');
        shell.activateById(widget.id);
      }
    });
  }
};
