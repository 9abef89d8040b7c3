/** Requests that start something: until something has come of one, a second click would start it twice. */
import type { PageMessage } from '../../wire/protocol';
import type { Store } from '../../wire/store';

export interface Once {
  /** Sends the request, and waits. */
  readonly ask: (message: PageMessage) => void;
  /** Whether one was sent that nothing has come of yet: neither what is awaited, nor a notice. */
  readonly waits: boolean;
}

/** `awaited`: what will be another when the request is met; the way there may be too quick to be seen. */
export function createOnce(store: Store, awaited: () => unknown, draw: () => void): Once {
  const known = (): string => JSON.stringify([store.notices.at(-1)?.id ?? 0, awaited()]);
  let asked: string | null = null;
  return {
    ask(message) {
      asked = known();
      store.send(message);
      draw();
    },
    get waits() {
      if (asked !== null && asked !== known()) asked = null;
      return asked !== null;
    }
  };
}
