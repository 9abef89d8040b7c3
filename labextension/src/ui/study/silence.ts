/** Says when the kernel has gone silent: how old the view is, and what becomes of a request meanwhile. */
import { formatClock } from '../../params/format';
import type { PageMessage } from '../../wire/protocol';
import type { Store } from '../../wire/store';
import { element, setText } from '../page/dom';
import type { Part } from '../page/part';

const TICK_MS = 1000;
/** After a pause of its own the page first reads what has come meanwhile. */
const CATCH_UP_MS = 500;
/** A kernel that is silent for longer has perhaps been restarted. */
const LONG_S = 30;

const NAMES: Readonly<Partial<Record<PageMessage['type'], string>>> = {
  stop: 'Stop',
  pause: 'Pause',
  resume: 'Resume',
  undo: 'Undo',
  narrow: 'The new range',
  budget: 'The new budget',
  enqueue: 'The new trial',
  halt: 'The end of the trial',
  tag: 'The tag',
  untag: 'The end of the tag',
  note: 'The note'
};

export function createSilence(store: Store): Required<Part> {
  // the seconds are for the eye: read aloud, each would be news
  const age = element('span', { 'aria-live': 'off' });
  const words = element('span', { role: 'status' });
  const node = element('div', { class: 'jt-notice jt-silence', 'data-level': 'warning', testid: 'silence' });
  node.append(element('p', {}, age, ' ', words));
  let ticked = store.now();
  let catchingUp: ReturnType<typeof setTimeout> | undefined;

  const draw = (): void => {
    const silent_s = store.silent_s;
    node.hidden = silent_s === null;
    if (silent_s === null) return;
    const time = formatClock(silent_s);
    setText(age, `The kernel has not answered for ${time}: this view is ${time} old.`);
    setText(words, wordsFor(store.unanswered, silent_s));
  };
  const timer = setInterval(() => {
    const now = store.now();
    const late = now - ticked > 2 * TICK_MS;
    ticked = now;
    clearTimeout(catchingUp);
    if (late) catchingUp = setTimeout(draw, CATCH_UP_MS);
    else draw();
  }, TICK_MS);

  node.hidden = true;
  return {
    node,
    draw,
    dispose() {
      clearInterval(timer);
      clearTimeout(catchingUp);
    }
  };
}

function wordsFor(unanswered: readonly PageMessage[], silent_s: number): string {
  const asked = [...new Set(unanswered.map(({ type }) => NAMES[type]).filter(name => name !== undefined))];
  const [subject, verb] =
    asked.length > 0
      ? [asked.join(', '), asked.length > 1 ? 'are queued and take' : 'is queued and takes']
      : ['Stop and other requests', 'take'];
  const gone = silent_s < LONG_S ? '' : ' If the kernel was restarted, run the cell again with --resume.';
  return `A cell may be keeping it busy. ${subject} ${verb} effect when it is free.${gone}`;
}
