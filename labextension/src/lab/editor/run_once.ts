/** Runs the %%tune cell of an editor: as a study, or once with its defaults. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Dialog, showDialog } from '@jupyterlab/apputils';
import { CodeCell } from '@jupyterlab/cells';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { onceText } from '../../cell/once';

/** The cell of `model`, or the active one. */
function placeOf(notebooks: INotebookTracker, model: unknown): { panel: NotebookPanel; cell: CodeCell } | null {
  const panel = model
    ? notebooks.find(({ content }) => content.widgets.some(cell => cell.model === model))
    : notebooks.currentWidget;
  const cell = model ? panel?.content.widgets.find(each => each.model === model) : panel?.content.activeCell;
  return panel && cell instanceof CodeCell ? { panel, cell } : null;
}

/** Runs it as Shift-Enter does, but stays. */
export async function tune(
  commands: JupyterFrontEnd['commands'],
  notebooks: INotebookTracker,
  model: unknown
): Promise<void> {
  const place = placeOf(notebooks, model);
  if (!place) return;
  const { content } = place.panel;
  content.activeCellIndex = content.widgets.indexOf(place.cell);
  content.deselectAll();
  await commands.execute('notebook:run-cell');
}

/** Runs it with `--once`, without a change of its text. Asks first if the output shows a study. */
export async function runOnce(notebooks: INotebookTracker, model?: unknown): Promise<void> {
  const place = placeOf(notebooks, model);
  if (!place) return;
  const { panel, cell } = place;
  const text = onceText(cell.model.sharedModel.getSource());
  if (text === null || !(await mayReplace(cell))) return;
  const { sessionContext } = panel;
  await sessionContext.ready;
  const { kernel } = sessionContext.session ?? {};
  if (!kernel) {
    await showDialog({
      title: 'No kernel',
      body: 'The cell runs in the kernel of its notebook, and this one has none: start one, then run it again.',
      buttons: [Dialog.okButton()]
    });
    return;
  }
  // as CodeCell.execute does it, which runs the text as it stands
  const { outputArea } = cell;
  cell.model.sharedModel.transact(
    () => {
      cell.model.clearExecution();
      cell.outputHidden = false;
    },
    false,
    'silent-change'
  );
  cell.model.executionState = 'running';
  cell.model.trusted = true;
  const future = kernel.requestExecute({ code: text, stop_on_error: true }, false, {
    cellId: cell.model.sharedModel.getId()
  });
  outputArea.future = future;
  try {
    const { content } = await future.done;
    cell.model.executionCount = content.execution_count;
  } catch {
    // the kernel was restarted or the output is gone
    if (!cell.isDisposed && outputArea.future === future) cell.model.executionState = 'idle';
  }
}

async function mayReplace(cell: CodeCell): Promise<boolean> {
  if (!cell.node.querySelector('.jt-dashboard')) return true;
  const { button } = await showDialog({
    title: 'Show this run in place of the study?',
    body:
      'The output of this cell shows a study. It goes on, and its results stay in its file; ' +
      'run the cell again, or %tune show NAME, to see it.',
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: 'Run once' })]
  });
  return button.accept;
}
