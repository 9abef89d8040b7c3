/** Marks words of the magic line that are no options, with what the kernel would answer. */
import { RangeSetBuilder } from '@codemirror/state';
import { Decoration, ViewPlugin, type DecorationSet, type EditorView, type ViewUpdate } from '@codemirror/view';
import { magicLine, unknownMessage } from '../../cell/magic_line';

class Marks {
  decorations: DecorationSet;
  private line: string | null = null;
  private written: number | null = null;

  constructor(view: EditorView) {
    this.decorations = this.decorate(view);
  }

  update({ view }: ViewUpdate): void {
    const line = view.state.doc.line(1).text;
    const written = wordBeingWritten(view);
    if (line !== this.line || written !== this.written) this.decorations = this.decorate(view);
  }

  private decorate(view: EditorView): DecorationSet {
    this.line = view.state.doc.line(1).text;
    this.written = wordBeingWritten(view);
    const builder = new RangeSetBuilder<Decoration>();
    for (const { role, from, to, text } of magicLine(this.line)?.parts ?? []) {
      if (role !== 'unknown' || to === this.written) continue;
      const message = unknownMessage(text);
      builder.add(from, to, Decoration.mark({ class: 'jt-mark-unknown', attributes: { title: message } }));
    }
    return builder.finish();
  }
}

/** The end of the word that the user is writing, which is not wrong yet; null if the cursor is elsewhere. */
function wordBeingWritten({ hasFocus, state }: EditorView): number | null {
  const { head } = state.selection.main;
  return hasFocus && head <= state.doc.line(1).to ? head : null;
}

export const unknownOptions = ViewPlugin.fromClass(Marks, { decorations: ({ decorations }) => decorations });
