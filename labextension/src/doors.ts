/**
 * How the two doors speak, which share a page and no module: by events on the dashboard's host.
 *
 *     KEEP      door 2 -> door 1    asks for what the notebook should hold; the answer is in the event when it returns
 *     CHANGED   door 1 -> door 2    the study's state, best or picture has changed: the notebook should hold it
 *     SILENT    door 1 -> door 2    nothing has come from the kernel lately: perhaps it is another one by now
 */
import { hasEnded, type Picture } from './wire/protocol';
import { SAVED_MIME, savedFrom } from './wire/saved';
import type { Store } from './wire/store';

export const KEEP = 'jupyter-tune:keep';
export const CHANGED = 'jupyter-tune:changed';
export const SILENT = 'jupyter-tune:silent';

/** A kernel sends something every second. Before the page says that it is silent, it is asked whether it has the study. */
const DOUBT_S = 2;
const LOOK_MS = 500;

/** An output by mime type; what is under SAVED_MIME lacks the id of the widget. */
export type Kept = Readonly<Record<string, unknown>>;

type KeepEvent = CustomEvent<{ kept: Kept | null }>;

/** The kernel's picture of the study, and its changes. */
export interface PictureSource {
  readonly picture: () => Picture;
  readonly onPicture: (callback: () => void) => () => void;
}

/** Asks the dashboard that `root` is or lies in; null if there is none. */
export function askToKeep(root: Element): Kept | null {
  const event: KeepEvent = new CustomEvent(KEEP, { bubbles: true, detail: { kept: null } });
  root.dispatchEvent(event);
  return event.detail.kept;
}

/** Answers for the dashboard in `host`, and says when there is something new to keep; returns the cleanup. */
export function offerToKeep(host: HTMLElement, store: Store, { picture, onPicture }: PictureSource): () => void {
  const answer = (event: Event): void => {
    (event as KeepEvent).detail.kept = keptOf(store, picture(), Date.now() / 1000);
  };
  let told = '';
  const tell = (): void => {
    const { state, best } = store.tables.status;
    const news = JSON.stringify([state, best?.number, SAVED_MIME in picture()]);
    if (news === told) return;
    told = news;
    host.dispatchEvent(new CustomEvent(CHANGED, { bubbles: true }));
  };
  const doubt = setInterval(() => {
    if (hasEnded(store.tables.status.state) || store.unheard_s < DOUBT_S) return;
    host.dispatchEvent(new CustomEvent(SILENT, { bubbles: true }));
  }, LOOK_MS);
  host.addEventListener(KEEP, answer);
  const stops = [store.subscribe(tell), onPicture(tell)];
  tell();
  return () => {
    clearInterval(doubt);
    host.removeEventListener(KEEP, answer);
    for (const stop of stops) stop();
  };
}

/** The picture of the study's end brings the dashboard with it; until then that is what the store knows. */
function keptOf(store: Store, picture: Picture, now_s: number): Kept {
  const drawn = picture[SAVED_MIME];
  const dashboard = typeof drawn === 'object' && drawn !== null ? drawn : savedFrom(store);
  return { ...picture, [SAVED_MIME]: { ...dashboard, ways: store.ways, saved_at: now_s } };
}
