/** What the user has written on a study or on one trial: tags, which are added and taken away, and a note. */
import type { Store } from '../../wire/store';
import { rowCount } from '../../wire/tables';
import { button, element, keepKeys, setAttribute, setText, whenChanged } from '../page/dom';
import { createOnce } from '../page/once';
import { createNote } from './note';

export interface Written {
  /** The number of the trial; null for the study. */
  readonly of: number | null;
  readonly tags: readonly string[];
  readonly note: string;
}

export interface Annotations {
  readonly node: HTMLElement;
  /** Shows what is written, or nothing. */
  readonly show: (written: Written | null) => void;
}

/** @param what What they are written on: "the study", "the trial". */
export function createAnnotations(store: Store, what: string, testid: string): Annotations {
  let shown: Written | null = null;
  /** The tag that was sent and is not there yet. */
  let sent: string | null = null;
  const once = createOnce(
    store,
    () => [shown, rowCount(store.tables.events)],
    () => {
      draw();
    }
  );
  const list = element('ul', { class: 'jt-tags', testid: `${testid}-tags`, 'aria-label': `Tags of ${what}` });
  const field = element('input', {
    class: 'jt-input',
    testid: `${testid}-tag`,
    placeholder: 'name or name=value',
    'aria-label': `A tag for ${what}: name or name=value`,
    autocomplete: 'off',
    spellcheck: 'false'
  });
  const add = element('button', { type: 'submit', class: 'jt-button' }, 'Add');
  const form = element('form', { class: 'jt-tag-form' }, field, add);
  const open = button('Add a tag', { class: 'jt-link', testid: `${testid}-add-tag` }, () => {
    openForm(true);
    field.focus();
  });
  const note = createNote(store, once, what, testid, () => shown);
  const tags = element('div', { class: 'jt-tags-line' }, list, form, open);
  const node = element('div', { class: 'jt-written' }, tags, note.node);
  keepKeys(field, () => '');
  field.addEventListener('keydown', event => {
    if (event.key !== 'Escape') return;
    openForm(false);
    open.focus();
  });
  form.addEventListener('submit', event => {
    event.preventDefault();
    const tag = field.value.trim();
    if (tag === '' || shown === null || once.waits) return;
    sent = tag;
    once.ask({ type: 'tag', of: shown.of, tag });
  });

  const openForm = (is: boolean): void => {
    form.hidden = !is;
    open.hidden = is || !store.isHeard;
    field.value = '';
  };
  const remove = (tag: string): void => {
    if (shown === null || once.waits) return;
    once.ask({ type: 'untag', of: shown.of, name: nameOf(tag) });
    (open.hidden ? field : open).focus();
  };
  const drawTags = whenChanged(
    ({ tags, mayChange }: { readonly tags: readonly string[]; readonly mayChange: boolean }) => {
      const chips = tags.map(tag => {
        const cross = button('×', { class: 'jt-tag-remove', 'aria-label': `Take away the tag ${nameOf(tag)}` }, () => {
          remove(tag);
        });
        cross.hidden = !mayChange;
        return element(
          'li',
          { class: 'jt-tag-chip', title: tag },
          element('span', { class: 'jt-tag-text' }, tag),
          cross
        );
      });
      list.replaceChildren(...chips);
    }
  );
  const draw = (): void => {
    const { tags: words = [], note: text = '' } = shown ?? {};
    const mayChange = store.isHeard;
    node.hidden = shown === null || (!mayChange && words.length === 0 && text === '');
    if (!mayChange) openForm(false);
    open.hidden = !mayChange || !form.hidden;
    setText(open, words.length === 0 ? 'Add a tag' : '+ tag');
    setAttribute(open, 'aria-label', `Add a tag to ${what}`);
    list.hidden = words.length === 0;
    add.disabled = once.waits;
    drawTags({ tags: words, mayChange });
    if (sent !== null && !once.waits) {
      // one that was refused stays in the field
      if (words.some(word => nameOf(word) === nameOf(sent ?? ''))) field.value = '';
      sent = null;
    }
    note.draw();
  };
  openForm(false);
  return {
    node,
    show(written) {
      if (written?.of !== shown?.of) {
        openForm(false);
        note.close();
      }
      shown = written;
      draw();
    }
  };
}

function nameOf(tag: string): string {
  return tag.split('=', 1)[0]?.trim() ?? tag;
}
