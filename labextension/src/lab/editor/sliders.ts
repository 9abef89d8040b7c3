/**
 * Sliders in the source of a %%tune cell: behind each range of literals that it declares, a slider with two thumbs, or
 * chips for choices. Moving one rewrites the numbers, and narrows the study of the cell while it runs.
 *
 * The track spans more than the range, so that a range can be widened too: see params/track.ts. On it are the values that
 * the study has tried, its best one, and what of the range it searches now.
 */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { EditorExtensionRegistry, IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { followSettings } from '../settings';
import { sourceSliders } from './source_extension';
import type { SourceView } from './source_view';

const ID = 'jupyter-tune:sliders';

/** The shared text of an editor as Lab makes it: edits in quick succession are one step of undo there. */
interface Undoable {
  readonly undoManager?: { stopCapturing(): void } | null;
}

export const sliders: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Sliders behind the ranges that a %%tune cell declares.',
  autoStart: true,
  requires: [IEditorExtensionRegistry],
  optional: [ISettingRegistry],
  activate: (_app, registry: IEditorExtensionRegistry, settings: ISettingRegistry | null) => {
    let isShown = true;
    const views = new Set<SourceView>();
    registry.addExtension({
      name: ID,
      factory: ({ model }) => {
        const { sharedModel } = model as { readonly sharedModel: Undoable };
        const surroundings = { isShown: () => isShown, seal: () => sharedModel.undoManager?.stopCapturing() };
        const extension = sourceSliders(surroundings, view => {
          views.add(view);
          return () => views.delete(view);
        });
        return EditorExtensionRegistry.createImmutableExtension(extension);
      }
    });
    followSettings(settings, ID, loaded => {
      isShown = loaded.get('show').composite !== false;
      for (const view of views) view.redraw();
    });
  }
};
