/** What can be done where nothing runs any more: go on with the study, or show it; by a click, or by lines to copy. */
import type { Ways } from '../../wire/protocol';
import type { Store, Way } from '../../wire/store';
import { button, element, setText } from '../page/dom';
import { createOnce } from '../page/once';
import type { Part } from '../page/part';

const COPIED_MS = 2000;

const EDITED =
  ' Resume runs the cell as it was. Of an edited cell: run it with --resume, and earlier trials count as before; or with' +
  ' --resume --edited, and they guide the search and no longer count.';

type Lines = Readonly<Partial<Record<keyof Ways, string | undefined>>>;

export function createWays(store: Store): Part {
  const title = element('strong', { class: 'jt-ways-title' });
  const moment = element('span', { class: 'jt-goal' });
  const note = element('p', { class: 'jt-ways-line', testid: 'ways-note' });
  const resume = createBringer(store, 'resume', 'Resume', 'resume');
  const show = createBringer(store, 'show', 'Show it here', 'show-here');
  const lines = [
    createLine('load-line', 'In a kernel that has not loaded it yet, first', ({ load }) => load),
    createLine('resume-line', 'Resume: run the cells above that it needs, then', ({ resume }) => resume),
    createLine('again-line', 'Resume: call it again', ({ again }) => again),
    createLine('show-line', 'Show it as it is now', ({ show }) => show)
  ];
  const node = element(
    'section',
    { class: 'jt-card jt-ways', role: 'status', testid: 'ways' },
    element('p', { class: 'jt-ways-head' }, title, moment, resume.node, show.node),
    note,
    ...lines.map(line => line.node)
  );
  return {
    node,
    draw() {
      const { state, reason } = store.tables.status;
      const interrupted = state === 'interrupted';
      node.hidden = !interrupted && !store.saved;
      node.setAttribute('data-level', interrupted ? 'error' : 'info');
      setText(title, titleOf(store, interrupted ? reason : null));
      setText(moment, store.savedAt === null ? '' : `as of ${timeInWords(store.savedAt)}`);
      const clicks = store.isHeard || store.bring !== null;
      resume.draw(interrupted && clicks && (store.isHeard || store.ways.resume !== undefined));
      show.draw(store.bring !== null);
      setText(note, noteOf(store, interrupted));
      note.hidden = note.textContent === '';
      // where a click does it, the lines are not needed
      const { load, show: showing, resume: resuming, again } = store.ways;
      const goingOn = interrupted ? { ...(!clicks && { resume: resuming }), again } : {};
      const offered =
        store.absence === 'connecting' || store.isHeard ? {} : { ...(!clicks && { load, show: showing }), ...goingOn };
      for (const line of lines) line.draw(offered);
    }
  };
}

function titleOf(store: Store, reason: string | null): string {
  if (store.absence === 'connecting') return 'Connecting to the kernel';
  if (store.absence === 'undrawn') return 'The kernel has this study, but this page could not show it: reload the page';
  if (reason === null) return store.absence === 'file' ? 'As its file has it' : 'Saved with the notebook';
  return reason === '' ? 'Interrupted' : `Interrupted: ${reason}`;
}

function noteOf(store: Store, interrupted: boolean): string {
  if (store.absence === 'connecting' || store.absence === 'file' || !interrupted) return '';
  // of a cell that was run again the page knows whether it was edited
  const isOfCell = store.ways.resume !== undefined && store.instead.edited !== true;
  const edited = isOfCell ? EDITED : '';
  if (!store.saved) return edited.trim();
  const later = store.ranWhenSaved ? 'It ran when this was saved; what it found later is in its file. ' : '';
  return `${later}${store.bring === null ? '' : 'A click adds a cell below and runs it.'}${edited}`.trim();
}

/** A button that goes on with the study or shows it: by the kernel that is here, or by lines in a new cell. */
function createBringer(
  store: Store,
  way: Way,
  words: string,
  testid: string
): { readonly node: HTMLButtonElement; draw(offered: boolean): void } {
  let brings = false;
  // a study that was interrupted records nothing until it goes on
  const once = createOnce(
    store,
    () => store.tables.seq,
    () => {
      set();
    }
  );
  const node = button(words, { class: 'jt-button', testid }, () => {
    if (store.bring) {
      brings = true;
      void store.bring(way).finally(() => {
        brings = false;
        set();
      });
    } else if (way === 'resume') once.ask({ type: 'resume' });
    set();
  });
  const set = (): void => {
    node.disabled = brings || once.waits;
  };
  return {
    node,
    draw(offered) {
      node.hidden = !offered;
      set();
    }
  };
}

function timeInWords(at_s: number): string {
  return new Date(1000 * at_s).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

/** Words, and a line of code that can be copied; nothing where there is no such line. */
function createLine(
  testid: string,
  words: string,
  pick: (lines: Lines) => string | undefined
): { readonly node: HTMLElement; draw(lines: Lines): void } {
  const code = element('code', { class: 'jt-code', testid });
  const copy = button('Copy', { class: 'jt-button' }, () => {
    void navigator.clipboard.writeText(code.textContent).then(() => {
      setText(copy, 'Copied');
      setTimeout(() => {
        setText(copy, 'Copy');
      }, COPIED_MS);
    });
  });
  copy.setAttribute('aria-label', `Copy: ${words}`);
  const node = element('p', { class: 'jt-ways-line' }, element('span', {}, `${words}:`), code, copy);
  return {
    node,
    draw(lines) {
      const line = pick(lines);
      node.hidden = !line;
      setText(code, line ?? '');
    }
  };
}
