/** Puts the example into a notebook. Loaded on demand. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { EXAMPLE } from '../../cell/example';

const CELLS = EXAMPLE.map(({ kind, source }) => ({ cell_type: kind, source, metadata: {} }));

/** Below the active cell; in place of the one cell of a notebook in which nothing is written yet. */
export function insertExample({ content }: NotebookPanel): void {
  const { model, activeCellIndex } = content;
  if (!model) return;
  const { sharedModel } = model;
  const isEmpty = sharedModel.cells.every(cell => cell.getSource() === '');
  const index = isEmpty ? 0 : activeCellIndex + 1;
  sharedModel.transact(() => {
    if (isEmpty) sharedModel.deleteCellRange(0, sharedModel.cells.length);
    sharedModel.insertCells(index, CELLS);
  });
  content.activeCellIndex = index;
  for (const cell of content.widgets.slice(index, index + CELLS.length)) {
    if (cell.model.type === 'markdown') (cell as { rendered?: boolean }).rendered = true;
  }
}

/** In a new notebook in the folder `cwd`, with a kernel of Python. */
export async function openExample({ commands, serviceManager }: JupyterFrontEnd, cwd = ''): Promise<void> {
  await serviceManager.kernelspecs.ready;
  const { specs } = serviceManager.kernelspecs;
  const known = specs?.kernelspecs ?? {};
  const isPython = (name: string): boolean => known[name]?.language === 'python';
  const preferred = specs?.default ?? '';
  const kernelName = isPython(preferred) ? preferred : (Object.keys(known).find(isPython) ?? preferred);
  const panel = (await commands.execute('notebook:create-new', { cwd, kernelName })) as NotebookPanel | undefined;
  // Notebook 7 opens it in a tab of its own
  if (!panel) return;
  await panel.context.ready;
  await panel.revealed;
  insertExample(panel);
}
