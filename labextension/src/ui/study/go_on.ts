/** How an ended or interrupted study goes on: with what is left of its budget, or with some trials more. */
import { hasEnded, type Status } from '../../wire/protocol';
import type { Store } from '../../wire/store';
import { button, element } from '../page/dom';
import { createOnce } from '../page/once';
import type { Part } from '../page/part';

const MORE = 20;

export function createGoOn(store: Store): Part {
  // a study that has ended records nothing until it goes on
  const once = createOnce(
    store,
    () => store.tables.seq,
    () => {
      draw();
    }
  );
  const resume = button(
    'Resume',
    {
      class: 'jt-button',
      testid: 'go-on',
      title: 'Go on with the study; trials that its end cancelled run again'
    },
    () => {
      once.ask({ type: 'resume' });
    }
  );
  const more = button(
    `+${MORE} trials`,
    { class: 'jt-button', testid: 'more-trials', title: `Go on with the study, with ${MORE} more trials` },
    () => {
      once.ask({ type: 'more', trials: MORE });
    }
  );
  const node = element('span', { class: 'jt-controls', testid: 'go-on-buttons' }, resume, more);
  const draw = (): void => {
    const { status } = store.tables;
    node.hidden = !store.isHeard || !hasEnded(status.state);
    // the card that says so has its own
    resume.hidden = status.state === 'interrupted' || !isLeft(status);
    resume.disabled = more.disabled = once.waits;
  };
  return { node, draw };
}

/** Whether something of the budget is left, or the end has cancelled trials, which may run again. */
function isLeft({ trials, counts }: Status): boolean {
  const spent = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return trials === null || spent < trials || counts.cancelled > 0;
}
