/** What can be done where nothing runs any more: the lines that bring the study back, to copy or to run. */
import type { Store } from '../core/store';
import { button, element, setText } from './dom';
import type { Part } from './part';

const COPIED_MS = 2000;

export function createWays(store: Store): Part {
  const title = element('strong', { class: 'jt-ways-title' });
  const moment = element('span', { class: 'jt-goal' });
  const resume = createLine('resume-line', 'Resume: run the cells above, then its cell with the first line');
  const load = createLine('load-line', 'In a kernel that has not loaded it yet, first');
  const show = createLine('show-line', 'Show it as it is now');
  const showHere = button('Show it here', { class: 'jt-button', testid: 'show-here' }, () => {
    showHere.disabled = true;
    store.show?.();
  });
  const resumeHere = button('Resume', { class: 'jt-button', testid: 'resume' }, () => {
    store.send({ type: 'resume' });
  });
  const node = element(
    'section',
    { class: 'jt-card jt-ways', role: 'status', testid: 'ways' },
    element('p', { class: 'jt-ways-head' }, title, moment, resumeHere, showHere),
    resume.node,
    load.node,
    show.node
  );
  return {
    node,
    draw() {
      const interrupted = store.tables.status.state === 'interrupted';
      node.hidden = !interrupted && !store.saved;
      node.setAttribute('data-level', interrupted ? 'error' : 'info');
      setText(title, titleOf(store, interrupted));
      setText(moment, store.savedAt === null ? '' : `as of ${timeInWords(store.savedAt)}`);
      showHere.hidden = store.show === null;
      // the kernel that is here has the code of the cell
      resumeHere.hidden = !interrupted || store.saved;
      const ways = store.isConnecting ? {} : store.ways;
      resume.draw(interrupted ? ways.resume : undefined);
      // where a click does it, nobody needs the lines
      load.draw(store.saved && store.show === null ? ways.load : undefined);
      show.draw(store.saved && store.show === null ? ways.show : undefined);
    }
  };
}

function titleOf(store: Store, interrupted: boolean): string {
  if (store.isConnecting) return 'Connecting to the kernel';
  if (!interrupted) return 'Saved with the notebook';
  return store.saved ? 'Interrupted: the kernel that ran this study has ended' : 'Interrupted';
}

function timeInWords(at_s: number): string {
  return new Date(1000 * at_s).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

/** Words, and a line of code that can be copied; nothing where there is no such line. */
function createLine(testid: string, words: string): { readonly node: HTMLElement; draw(line?: string): void } {
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
    draw(line) {
      node.hidden = !line;
      setText(code, line ?? '');
    }
  };
}
