/**
 * Help while a %%tune cell is written: unknown options are marked, options and ranges explain themselves under the
 * pointer, a line above the cell runs it, and the magic line is completed. Lab's start gets no more of it than this file;
 * the rest is loaded when the first %%tune cell is met.
 */
import { Compartment, type Extension } from '@codemirror/state';
import { ViewPlugin, type EditorView, type ViewUpdate } from '@codemirror/view';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { EditorExtensionRegistry, IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { ICompletionProviderManager } from '@jupyterlab/completer';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { followSettings } from '../settings';
import { completeMagicLine } from './completion';

const ID = 'jupyter-tune:editing-help';
const CATEGORY = 'Tuning';

export const RUN_ONCE = 'jupyter-tune:run-once';

/** What the help is told of its surroundings. */
export interface Surroundings {
  /** Whether the line above the cell is shown: a setting. */
  readonly isLensShown: () => boolean;
  /** Runs the cell of this text as Lab does, or once with its defaults. */
  readonly tune: () => void;
  readonly runOnce: () => void;
}

const inTunedCells = new Compartment();

/** Loads the help into an editor once its text is that of a %%tune cell. */
function loadedOnDemand(surroundings: Surroundings, views: Set<EditorView>): Extension {
  const loader = ViewPlugin.define(view => {
    let isAsked = false;
    const look = ({ state }: EditorView): void => {
      // most cells are not %%tune cells: all that a change costs there is a look at the first line
      if (isAsked || !state.doc.line(1).text.startsWith('%%tune')) return;
      isAsked = true;
      void import('./help_extension').then(({ helpExtension }) => {
        if (views.has(view)) view.dispatch({ effects: inTunedCells.reconfigure(helpExtension(surroundings)) });
      });
    };
    views.add(view);
    look(view);
    return {
      update: (update: ViewUpdate): void => {
        if (update.docChanged) look(update.view);
      },
      destroy: (): void => {
        views.delete(view);
      }
    };
  });
  return [inTunedCells.of([]), loader];
}

export const editingHelp: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Marks, completion, help and a line that runs it, in a %%tune cell.',
  autoStart: true,
  requires: [IEditorExtensionRegistry],
  optional: [INotebookTracker, ICompletionProviderManager, ICommandPalette, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    registry: IEditorExtensionRegistry,
    notebooks: INotebookTracker | null,
    completers: ICompletionProviderManager | null,
    palette: ICommandPalette | null,
    settings: ISettingRegistry | null
  ) => {
    let isLensShown = true;
    const views = new Set<EditorView>();
    const runOnce = async (model?: unknown): Promise<void> => {
      if (notebooks) await (await import('./run_once')).runOnce(notebooks, model);
    };
    registry.addExtension({
      name: ID,
      factory: ({ model }) => {
        const surroundings: Surroundings = {
          // elsewhere than in a notebook (the console's prompt, a file) nothing could run it
          isLensShown: () => isLensShown && notebooks !== null && (model as { type?: string }).type === 'code',
          tune: () => {
            void import('./run_once').then(({ tune }) => notebooks && tune(app.commands, notebooks, model));
          },
          runOnce: () => void runOnce(model)
        };
        return EditorExtensionRegistry.createImmutableExtension(loadedOnDemand(surroundings, views));
      }
    });
    if (completers) completeMagicLine(completers, app.restored);
    if (notebooks) {
      app.commands.addCommand(RUN_ONCE, {
        label: 'Run the Cell Once with Its Defaults',
        caption: 'Runs the %%tune cell in the notebook, each parameter at its default, without a study',
        isEnabled: () => notebooks.activeCell?.model.sharedModel.getSource().startsWith('%%tune') ?? false,
        execute: () => runOnce(),
        describedBy: { args: { type: 'object', properties: {} } }
      });
      notebooks.activeCellChanged.connect(() => {
        app.commands.notifyCommandChanged(RUN_ONCE);
      });
      palette?.addItem({ command: RUN_ONCE, category: CATEGORY });
    }
    followSettings(settings, ID, loaded => {
      isLensShown = loaded.get('lens').composite !== false;
      for (const view of views) view.dispatch({});
    });
  }
};
