/**
 * The line above the text of a %%tune cell: "Tune" runs the cell, "Run once with the defaults" runs it without a study.
 *
 * It is a panel of the editor, not a part of the text: it is never selected, copied or read as code, and it stands before
 * the text in the order of the Tab key.
 */
import { StateField, type EditorState, type Extension } from '@codemirror/state';
import { showPanel, type EditorView, type Panel } from '@codemirror/view';
import { magicLine } from '../../cell/magic_line';
import type { Surroundings } from './help';

/** What the line offers; null for none. */
type Offer = 'both' | 'tune' | null;

export function lens(surroundings: Surroundings): Extension {
  // one constructor for each offer: a change of the text beside it draws nothing again
  const both = (view: EditorView): Panel => lensPanel(view, surroundings, true);
  const tuneAlone = (view: EditorView): Panel => lensPanel(view, surroundings, false);
  return StateField.define<Offer>({
    create: state => offerOf(state, surroundings),
    update: (_, { state }) => offerOf(state, surroundings),
    provide: field => showPanel.from(field, offer => (offer ? (offer === 'both' ? both : tuneAlone) : null))
  });
}

function offerOf({ doc, readOnly }: EditorState, { isLensShown }: Surroundings): Offer {
  const line = readOnly || !isLensShown() ? null : magicLine(doc.line(1).text);
  if (!line) return null;
  // a command is not run by the cell's code
  const isCommand = line.parts.some(part => part.role === 'option' && part.option.flag === '--command');
  return isCommand ? 'tune' : 'both';
}

function lensPanel(view: EditorView, { tune, runOnce }: Surroundings, hasOnce: boolean): Panel {
  const dom = document.createElement('div');
  dom.className = 'jt-lens';
  dom.setAttribute('role', 'group');
  dom.setAttribute('aria-label', 'Run this cell');
  // keys and clicks are for the buttons, not for the notebook around them
  dom.dataset.lmSuppressShortcuts = 'true';
  dom.append(button('Tune', 'Start the study of this cell (Shift-Enter)', 'lens-tune', tune));
  if (hasOnce) {
    const caption = 'Run this cell in the notebook, each parameter at its default, without a study';
    dom.append(button('Run once with the defaults', caption, 'lens-once', runOnce));
  }
  // a notebook that hears of the focus inside a cell's editor gives it to the text
  for (const type of ['focusin', 'focusout'])
    dom.addEventListener(type, event => {
      event.stopPropagation();
    });
  dom.addEventListener('keydown', event => {
    if (event.key !== 'Tab') event.stopPropagation();
    if (event.key === 'Escape') view.focus();
  });
  return { dom, top: true };
}

function button(label: string, caption: string, id: string, run: () => void): HTMLButtonElement {
  const node = document.createElement('button');
  node.type = 'button';
  node.textContent = label;
  node.title = caption;
  node.dataset.testid = id;
  node.addEventListener('click', run);
  return node;
}
