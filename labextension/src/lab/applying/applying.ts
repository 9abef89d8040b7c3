/**
 * What a study has found, written into its cell: by the buttons of its dashboard, the cell's toolbar and context menu, and
 * the palette. The toolbar and the menu have their items from schema/applying.json.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import { INotebookTracker } from '@jupyterlab/notebook';
import { copyIcon, type LabIcon } from '@jupyterlab/ui-components';
import { askStudy, offerToWrite, type StudyFacts, type Writing } from '../../doors';
import { copyText } from '../../ui/page/dom';
import { applyIcon, narrowIcon } from './icons';
import { isTuned, isWritable, NO_BEST, writeInto, type WritableCell } from './writing';

/** Milliseconds for which a message stands. */
const SAID_MS = 8000;
const NO_STUDY = 'There is no study in the output of this cell: run it first.';

interface Action {
  readonly id: string;
  readonly label: string;
  readonly caption: string;
  readonly icon: LabIcon;
  /** Of a %%tune cell. */
  readonly canRun: (cell: WritableCell) => boolean;
  /** What it has done, in words. */
  readonly run: (cell: WritableCell, study: StudyFacts) => string | Promise<string>;
}

const writes = (what: Writing): Pick<Action, 'canRun' | 'run'> => ({
  canRun: isWritable,
  run: (cell, study) => writeInto(cell, study, what)
});

const ACTIONS: readonly Action[] = [
  {
    id: 'jupyter-tune:apply-best',
    label: 'Apply Best Values as Defaults',
    caption: 'Apply best: write the best values of the study into this cell, as its defaults',
    icon: applyIcon,
    ...writes('best')
  },
  {
    id: 'jupyter-tune:narrow-around-best',
    label: 'Narrow Ranges Around Best',
    caption: 'Narrow around best: write ranges around the best trials into this cell',
    icon: narrowIcon,
    ...writes('ranges')
  },
  {
    id: 'jupyter-tune:copy-best',
    label: 'Copy Best Values as Python',
    caption: 'Copy as Python: the best values of the study as a dict',
    icon: copyIcon,
    canRun: () => true,
    run: async (_, { best }) => {
      const literal = best?.literal;
      if (!literal) return NO_BEST;
      return (await copyText(literal)) ? `Copied: ${literal}` : `The browser does not allow copying: ${literal}`;
    }
  }
];

export const applying: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-tune:applying',
  description: 'Writes the best values, or ranges around the best trials, into the %%tune cell of a study.',
  autoStart: true,
  optional: [INotebookTracker, ICommandPalette],
  activate: (app, tracker: INotebookTracker | null, palette: ICommandPalette | null) => {
    // a page without notebooks
    if (!tracker) return;
    /** The cell that holds this part of the page. */
    const cellOf = (part: Element): WritableCell | undefined =>
      tracker.find(({ node }) => node.contains(part))?.content.widgets.find(({ node }) => node.contains(part));
    offerToWrite(document, {
      canWrite: dashboard => {
        const cell = cellOf(dashboard);
        return cell !== undefined && isWritable(cell);
      },
      write: (dashboard, study, what) => {
        const cell = cellOf(dashboard);
        return cell ? writeInto(cell, study, what) : null;
      }
    });
    const activeCell = (): WritableCell | null =>
      tracker.currentWidget === app.shell.currentWidget ? tracker.activeCell : null;
    for (const action of ACTIONS) {
      addCommand(app, action, activeCell);
      palette?.addItem({ command: action.id, category: 'Tuning' });
    }
    watch(app, tracker);
  }
};

function addCommand(app: JupyterFrontEnd, action: Action, activeCell: () => WritableCell | null): void {
  const { id, label, caption, icon, canRun, run } = action;
  const on = (condition: (cell: WritableCell) => boolean) => (): boolean => {
    const cell = activeCell();
    return cell !== null && isTuned(cell) && condition(cell);
  };
  app.commands.addCommand(id, {
    // a button of a toolbar has its icon
    label: ({ toolbar }) => (toolbar ? '' : label),
    caption,
    icon: ({ toolbar }) => (toolbar ? icon : undefined),
    describedBy: { args: { type: 'object', properties: { toolbar: { type: 'boolean' } } } },
    isVisible: on(() => true),
    isEnabled: on(canRun),
    execute: async () => {
      const cell = activeCell();
      if (!cell) return;
      const study = askStudy(cell.node);
      Notification.info(study ? await run(cell, study) : NO_STUDY, { autoClose: SAID_MS });
    }
  });
}

/** Has toolbars look anew when another cell is the active one, or it becomes or ceases to be a %%tune cell. */
function watch(app: JupyterFrontEnd, tracker: INotebookTracker): void {
  let cell: Cell | null = null;
  let wasTuned = false;
  const look = (): void => {
    const isNow = cell?.model ? isTuned(cell) : false;
    if (isNow === wasTuned) return;
    wasTuned = isNow;
    for (const { id } of ACTIONS) app.commands.notifyCommandChanged(id);
  };
  tracker.activeCellChanged.connect((_, active) => {
    // a cell that is gone has no model any more
    (cell?.model as Cell['model'] | null)?.contentChanged.disconnect(look);
    cell = active;
    cell?.model.contentChanged.connect(look);
    look();
  });
}
