/**
 * What the results say about the study's set-up: each finding in words, with the figure behind it. What the running study
 * can do about it is a click, which narrows or widens ranges as a slider does; what is for the next study is said.
 */
import type { Finding, Status } from '../../wire/protocol';
import type { Store } from '../../wire/store';
import { button, copyText, element, hasFocus, setAttribute, setChildren, setText } from '../page/dom';
import { createOnce } from '../page/once';
import type { Part } from '../page/part';
import { sameItems } from '../page/same';

interface Item {
  readonly node: HTMLElement;
  readonly fill: (finding: Finding) => void;
}

export function createAdvice(store: Store): Part {
  // a second click before the answer would ask for the same again
  const once = createOnce(
    store,
    () => store.tables.status.revision,
    () => {
      draw();
    }
  );
  const list = element('ul', { class: 'jt-advice-list' });
  const title = element('h3', {}, 'Advice');
  const hint = element(
    'p',
    { class: 'jt-hint' },
    'The study has ended; once it is resumed, a click acts on a finding.'
  );
  const node = element(
    'section',
    { class: 'jt-card jt-advice', testid: 'advice', 'aria-label': 'Advice' },
    title,
    hint,
    list
  );
  const items = new Map<string, Item>();
  /** What was clicked, until it holds. */
  let awaited: Finding | null = null;

  const createItem = (key: string): Item => {
    let shown: Finding | null = null;
    const words = element('span', { class: 'jt-advice-text' });
    const code = element('code', { class: 'jt-code' });
    const more = element('span');
    const when = element('span', {}, 'In the next study: ');
    const remedy = element('span', { class: 'jt-advice-remedy' }, when, code, more);
    const act = button('', { class: 'jt-button', testid: `advice-${key}` }, () => {
      if (!shown || once.waits) return;
      awaited = shown;
      once.ask({ type: 'narrow', ranges: shown.ranges });
    });
    const copy = button('Copy', { class: 'jt-link' }, () => {
      const line = shown?.remedy ?? '';
      void copyText(line).then(copied => {
        store.mention(copied ? `Copied: ${line}` : `The browser does not allow copying: ${line}`);
      });
    });
    return {
      node: element('li', { class: 'jt-advice-item' }, element('div', {}, words, ' ', remedy), act, copy),
      fill(finding) {
        shown = finding;
        const acts = finding.act !== '';
        setText(words, `${finding.text}.`);
        setText(code, finding.remedy);
        setText(more, finding.more);
        when.hidden = acts;
        remedy.hidden = acts && store.steerable;
        act.hidden = !acts || !store.steerable;
        // not disabled, which would take the focus from it
        setAttribute(act, 'aria-disabled', String(once.waits));
        setText(act, finding.act);
        setAttribute(act, 'title', finding.remedy);
        copy.hidden = store.saved || acts;
        setAttribute(copy, 'aria-label', `Copy ${finding.remedy}`);
      }
    };
  };

  const draw = (): void => {
    const { landscape, status } = store.tables;
    const found = (landscape?.advice ?? []).filter(finding => !holds(finding, status));
    node.hidden = found.length === 0;
    hint.hidden = store.steerable || store.saved || found.every(({ act }) => act === '');
    const present = keyed(found);
    for (const key of items.keys()) if (!present.has(key)) items.delete(key);
    for (const [key, finding] of present) {
      const item = items.get(key) ?? createItem(key);
      items.set(key, item);
      item.fill(finding);
    }
    const hadFocus = hasFocus(list);
    setChildren(
      list,
      [...present.keys()].flatMap(key => items.get(key)?.node ?? [])
    );
    // who goes by keys stays in the list when the finding that was acted on leaves it
    if (hadFocus && !hasFocus(list)) {
      [...list.querySelectorAll('button')].find(({ hidden }) => !hidden)?.focus();
    }
    if (awaited && holds(awaited, status)) {
      const { act } = awaited;
      awaited = null;
      store.mention(`Done: ${act}. Undo takes it back.`);
    }
  };
  return { node, draw };
}

/** Whether the study has the ranges already. */
function holds({ act, ranges }: Finding, status: Status): boolean {
  const entries = Object.entries(ranges);
  return act !== '' && entries.every(([name, to]) => sameItems(status.ranges[name] ?? [], to));
}

/** Each by a name that stays while its figures change: its kind and its parameters, and which of several it is. */
function keyed(found: readonly Finding[]): ReadonlyMap<string, Finding> {
  const named = new Map<string, Finding>();
  for (const finding of found) {
    const name = [finding.kind, ...Object.keys(finding.ranges)].join('-');
    let count = 1;
    while (named.has(count === 1 ? name : `${name}-${count}`)) count += 1;
    named.set(count === 1 ? name : `${name}-${count}`, finding);
  }
  return named;
}
