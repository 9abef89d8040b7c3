/** Opens what belongs to a study in Lab's main area, or in new tabs of Notebook 7: its dashboard, and its notebook. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { modelOf, SAVED_MIME } from '../../wire/saved';
import type { NotebookContext, NotebookPanel } from '../notebook';

/** The factory of the dashboard of a study's file. */
export const DASHBOARD_FACTORY = 'Study';
export const COMPARE_COMMAND = 'jupyter-tune:compare';

export type NotebookWidget = NotebookPanel & { readonly context: NotebookContext & { readonly ready: Promise<void> } };

export interface Opener {
  dashboard(path: string): Promise<void>;
  /** The notebook, open and at the cell of that study. */
  notebook(path: string, study: string): Promise<NotebookWidget>;
  /** Runs lines in a cell below the notebook's active one. */
  run(notebook: NotebookWidget, lines: readonly string[]): Promise<void>;
  comparison(paths: readonly string[]): Promise<void>;
}

export function openerIn({ commands, shell }: JupyterFrontEnd): Opener {
  return {
    async dashboard(path) {
      await commands.execute('docmanager:open', { path, factory: DASHBOARD_FACTORY });
    },
    async notebook(path, study) {
      const opened: unknown = await commands.execute('docmanager:open', { path, factory: 'Notebook' });
      const notebook = opened as NotebookWidget;
      await notebook.context.ready;
      const cell = cellOf(notebook, study);
      if (cell >= 0) {
        notebook.content.activeCellIndex = cell;
        notebook.content.deselectAll();
        await notebook.content.scrollToItem?.(cell, 'smart');
      }
      return notebook;
    },
    async run(notebook, lines) {
      const { content, context } = notebook;
      await context.sessionContext.ready;
      const below = content.activeCellIndex + 1;
      const cell = { cell_type: 'code', source: lines.join('\n'), metadata: { trusted: true } };
      content.model?.sharedModel.insertCell(below, cell);
      content.activeCellIndex = below;
      content.deselectAll();
      shell.activateById(notebook.id);
      await commands.execute('notebook:run-cell');
    },
    async comparison(paths) {
      await commands.execute(COMPARE_COMMAND, { paths: [...paths] });
    }
  };
}

/** The cell whose output holds the study, else the one that names it, else the first %%tune cell; -1 for none. */
function cellOf({ content }: NotebookWidget, study: string): number {
  const cells = content.widgets.map(({ model }) => ({
    source: model.sharedModel.getSource(),
    shows: Array.from({ length: model.outputs?.length ?? 0 }, (_, at) => model.outputs?.get(at).data[SAVED_MIME])
  }));
  const holds = cells.findIndex(({ shows }) => shows.some(data => modelOf(data) !== null && nameIn(data) === study));
  if (holds >= 0) return holds;
  const named = new RegExp(
    `^%%tune\\b[^\\n]*--name[ =]["']?${study.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}["']?(\\s|$)`
  );
  const names = cells.findIndex(({ source }) => named.test(source));
  return names >= 0 ? names : cells.findIndex(({ source }) => source.startsWith('%%tune'));
}

function nameIn(data: unknown): unknown {
  return (data as { tables?: { status?: { name?: unknown } } } | undefined)?.tables?.status?.name;
}
