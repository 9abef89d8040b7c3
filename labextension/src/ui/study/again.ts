/** What a cell that was run again can start in place of showing its study: the study anew, or one of another name. */
import { hasEnded } from '../../wire/protocol';
import type { Store } from '../../wire/store';
import { button, element, keepKeys, setAttribute } from '../page/dom';
import { createOnce } from '../page/once';
import type { Part } from '../page/part';

const REPLACE = 'Run the cell as a new study of this name; the file of this one is kept under a dated name';

export function createAgain(store: Store): Part {
  const once = createOnce(
    store,
    () => store.instead.name,
    () => {
      draw();
    }
  );
  // a study that has ended records nothing until it goes on
  const goesOn = createOnce(
    store,
    () => store.tables.seq,
    () => {
      draw();
    }
  );
  const replace = button('Replace', { class: 'jt-button', testid: 'replace' }, () => {
    once.ask({ type: 'replace' });
  });
  const resume = button('Resume', { class: 'jt-button', testid: 'resume-changed' }, () => {
    goesOn.ask({ type: 'resume' });
  });
  const edited = button('Resume as edited code', { class: 'jt-button', testid: 'resume-edited' }, () => {
    goesOn.ask({ type: 'resume', edited: true });
  });
  const goOn = element(
    'div',
    { class: 'jt-ways-line', role: 'group', 'aria-label': 'Go on with the edited cell' },
    element('span', {}, 'Its code has changed. To go on with it:'),
    resume,
    element('span', { class: 'jt-goal' }, 'earlier trials count as before'),
    edited,
    element('span', { class: 'jt-goal' }, 'they guide the search, and no longer count')
  );
  const name = element('input', { class: 'jt-input', testid: 'new-name', 'aria-label': 'Name of the new study' });
  const begin = element('button', { type: 'submit', class: 'jt-button', testid: 'start-new' }, 'New name');
  begin.title = 'Run the cell as a study of this name, and keep this one';
  const form = element('form', { class: 'jt-ways-line' }, begin, name);
  form.addEventListener('submit', event => {
    event.preventDefault();
    const chosen = name.value.trim() || offered;
    if (chosen !== null) once.ask({ type: 'start', name: chosen });
  });
  const node = element(
    'section',
    { class: 'jt-card jt-ways', role: 'status', testid: 'again' },
    element(
      'p',
      { class: 'jt-ways-head' },
      element('strong', {}, 'The cell was run again'),
      element('span', { class: 'jt-goal' }, 'Its study exists, so nothing was started.')
    ),
    goOn,
    element('div', { class: 'jt-ways-line' }, replace, form)
  );
  let offered: string | null = null;
  keepKeys(name, () => offered ?? '');

  const draw = (): void => {
    const { name: free = null } = store.instead;
    if (free !== offered) name.value = free ?? '';
    offered = free;
    node.hidden = store.saved || offered === null;
    const runs = !hasEnded(store.tables.status.state);
    replace.disabled = runs || once.waits;
    begin.disabled = name.disabled = once.waits;
    resume.disabled = edited.disabled = goesOn.waits;
    goOn.hidden = runs || store.instead.edited !== true;
    setAttribute(replace, 'title', runs ? 'Stop the study first, then it can be replaced' : REPLACE);
  };
  return { node, draw };
}
