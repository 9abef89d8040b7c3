/** The sliders and chips of the source as an extension of CodeMirror, which knows nothing of Lab. */
import type { Extension } from '@codemirror/state';
import { ViewPlugin } from '@codemirror/view';
import { declaredField } from './declared';
import { SourceView, type Surroundings } from './source_view';

/** The extension of one editor. `onView` is given what it shows, and returns what is to be done when that goes. */
export function sourceSliders(
  surroundings: Surroundings,
  onView: (view: SourceView) => () => void = () => () => undefined
): Extension {
  const plugin = ViewPlugin.define(
    view => {
      const source = new SourceView(view, surroundings);
      const gone = onView(source);
      return Object.assign(source, {
        destroy: () => {
          gone();
          source.close();
        }
      });
    },
    { decorations: ({ decorations }) => decorations }
  );
  return [declaredField, plugin];
}
