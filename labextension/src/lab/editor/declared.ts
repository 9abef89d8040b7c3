/** The declarations of each editor's text, read once per change, for all that shows something of them. */
import { StateField, type Text } from '@codemirror/state';
import { declarations, type Declaration } from '../../cell/declarations';

export interface Declared {
  /** The whole text of a %%tune cell; empty for any other. */
  readonly text: string;
  readonly declarations: readonly Declaration[];
}

const NOTHING: Declared = { text: '', declarations: [] };

export const declaredField = StateField.define<Declared>({
  create: ({ doc }) => read(doc),
  update: (known, transaction) => (transaction.docChanged ? read(transaction.newDoc) : known)
});

function read(doc: Text): Declared {
  // Most cells are not %%tune cells: look at the first line before reading all of the text.
  if (!doc.line(1).text.startsWith('%%tune')) return NOTHING;
  const text = doc.toString();
  return { text, declarations: declarations(text) };
}
