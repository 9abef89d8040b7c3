/** The dashboard of a study's file, as the server reads it; loaded with the first one that is opened. */
import { element } from '../../ui/page/dom';
import { savedKernel } from '../../wire/saved';
import type { Kernel } from '../../wire/store';
import { mountKernel } from '../saved';
import { isLive } from '../served/row';
import type { Studies } from '../served/studies';

/** Milliseconds between two readings of a study that runs: the server reads the whole file each time. */
const READ_MS = 1000;

/** Shows the study in `host`, and follows it; returns the cleanup. */
export function mountStudyFile(host: HTMLElement, path: string, studies: Studies): () => void {
  let unmount: () => void = () => undefined;
  let kernel: Kernel | null = null;
  let onTraits: () => void = () => undefined;
  let isReading = false;
  let isStale = true;
  const gone = new AbortController();
  const isGone = (): boolean => gone.signal.aborted;

  const show = (data: unknown): void => {
    const isFirst = kernel === null;
    kernel = savedKernel(data, 'file');
    if (!isFirst) {
      onTraits();
      return;
    }
    host.replaceChildren();
    // what is read later takes the place of what is shown: tabs and selections stay
    const now = (): Kernel => kernel ?? savedKernel(data, 'file');
    unmount = mountKernel(host, {
      saved: true,
      absence: 'file',
      get savedAt() {
        return now().savedAt ?? null;
      },
      ways: () => ({}),
      parameters: () => now().parameters(),
      templates: () => now().templates(),
      snapshot: () => now().snapshot(),
      send: () => undefined,
      listen: (_, traits) => {
        onTraits = traits;
        return () => undefined;
      }
    });
  };
  const say = (error: unknown): void => {
    if (kernel !== null) return; // what was read before is better than words
    const words = element('p', { class: 'jt-study-file-words', role: 'alert' });
    words.textContent = error instanceof Error ? error.message : String(error);
    host.replaceChildren(words);
  };
  const read = async (): Promise<void> => {
    if (isReading || isGone() || !isStale) return;
    isReading = true;
    isStale = false;
    try {
      const data = await studies.server.dashboard(path);
      if (!isGone()) show(data);
    } catch (error) {
      if (!isGone()) say(error);
    }
    const row = studies.get(path);
    await new Promise(resolve => setTimeout(resolve, row && isLive(row) ? READ_MS : 0));
    isReading = false;
    void read();
  };
  const changed = (_: unknown, change: { readonly path: string } | null): void => {
    if (change && change.path !== path) return;
    isStale = true;
    void read();
  };

  studies.changed.connect(changed);
  studies.begin();
  host.replaceChildren(element('p', { class: 'jt-study-file-words' }, 'Reading the study …'));
  void read();
  return () => {
    gone.abort();
    studies.changed.disconnect(changed);
    unmount();
  };
}
