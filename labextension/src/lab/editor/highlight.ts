/** Shows in a %%tune cell what the tuner will read: the magic, its options, and every declared range. */
import { RangeSetBuilder } from '@codemirror/state';
import { Decoration, ViewPlugin, type DecorationSet, type EditorView, type ViewUpdate } from '@codemirror/view';
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { EditorExtensionRegistry, IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { scan } from '../../cell/scanner';
import { declaredField } from './declared';

const DECORATIONS = {
  magic: Decoration.mark({ class: 'jt-mark-magic' }),
  option: Decoration.mark({ class: 'jt-mark-option' }),
  name: Decoration.mark({ class: 'jt-mark-name' }),
  range: Decoration.mark({ class: 'jt-mark-range' })
};

class Highlighter {
  decorations: DecorationSet;

  constructor(view: EditorView) {
    this.decorations = decorate(view);
  }

  update(update: ViewUpdate): void {
    if (update.docChanged) this.decorations = decorate(update.view);
  }
}

function decorate(view: EditorView): DecorationSet {
  const { text, declarations } = view.state.field(declaredField);
  if (text === '') return Decoration.none;
  const builder = new RangeSetBuilder<Decoration>();
  for (const { kind, from, to } of scan(text, declarations)) builder.add(from, to, DECORATIONS[kind]);
  return builder.finish();
}

const highlighter = ViewPlugin.fromClass(Highlighter, { decorations: plugin => plugin.decorations });

export const highlight: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-tune:highlight',
  description: 'Highlights the magic line and the declared ranges of a %%tune cell.',
  autoStart: true,
  requires: [IEditorExtensionRegistry],
  activate: (_app, registry: IEditorExtensionRegistry) => {
    registry.addExtension({
      name: 'jupyter-tune:highlight',
      factory: () => EditorExtensionRegistry.createImmutableExtension([declaredField, highlighter])
    });
  }
};
