/** A note, and the field in which it is written; what was typed stays in it until the note says so. */
import type { Store } from '../../wire/store';
import { button, element, hasFocus, setAttribute, setText } from '../page/dom';
import type { Once } from '../page/once';
import type { Written } from './annotations';

export interface Note {
  readonly node: HTMLElement;
  readonly draw: () => void;
  /** Leaves the field, with what is typed in it. */
  readonly close: () => void;
}

export function createNote(
  store: Store,
  once: Once,
  what: string,
  testid: string,
  written: () => Written | null
): Note {
  /** What was sent and is not the note yet. */
  let sent: string | null = null;
  const text = element('p', { class: 'jt-note-text', testid: `${testid}-note`, role: 'note' });
  const field = element('textarea', {
    class: 'jt-input jt-note-field',
    testid: `${testid}-note-field`,
    rows: '3',
    'aria-label': `Note on ${what}`
  });
  const save = element('button', { type: 'submit', class: 'jt-button', title: 'Ctrl+Enter' }, 'Save');
  const cancel = button('Cancel', { class: 'jt-link' }, () => {
    leave();
  });
  const form = element('form', { class: 'jt-note-form' }, field, element('div', {}, save, cancel));
  const edit = button('', { class: 'jt-link', testid: `${testid}-edit-note` }, () => {
    field.value = written()?.note ?? '';
    form.hidden = false;
    draw();
    field.focus();
  });
  const node = element('div', { class: 'jt-note' }, text, form, edit);
  form.hidden = true;

  const close = (): void => {
    form.hidden = true;
    sent = null;
  };
  const leave = (): void => {
    close();
    draw();
    edit.focus();
  };
  const submit = (): void => {
    const known = written();
    if (known === null || once.waits) return;
    sent = field.value.trim();
    if (sent === known.note) leave();
    else once.ask({ type: 'note', of: known.of, text: sent });
  };
  form.addEventListener('submit', event => {
    event.preventDefault();
    submit();
  });
  field.addEventListener('keydown', event => {
    // keys typed into the field are its own: Shift+Enter runs no cell
    event.stopPropagation();
    if (event.key === 'Escape') leave();
    else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit();
  });

  const draw = (): void => {
    const note = written()?.note ?? '';
    if (!form.hidden && !store.isHeard) close();
    if (!form.hidden && sent !== null && sent === note) {
      const hadFocus = hasFocus(form);
      close();
      edit.hidden = false;
      if (hadFocus) edit.focus();
    }
    setText(text, note);
    text.hidden = note === '' || !form.hidden;
    edit.hidden = !form.hidden || !store.isHeard;
    setText(edit, note === '' ? 'Add a note' : 'Edit the note');
    setAttribute(edit, 'aria-label', `${note === '' ? 'Add a note to' : 'Edit the note on'} ${what}`);
    save.disabled = once.waits;
  };
  return { node, draw, close };
}
