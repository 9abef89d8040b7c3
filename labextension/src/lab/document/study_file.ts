/** The dashboard of a study's file, as the server reads it; loaded with the first one that is opened. */
import { element } from '../../ui/page/dom';
import { savedKernel } from '../../wire/saved';
import type { Landscape } from '../../wire/protocol';
import type { Kernel } from '../../wire/store';
import { mountKernel } from '../saved';
import { isLive } from '../served/row';
import type { Studies } from '../served/studies';

/** Milliseconds between two readings of a study that runs: the server reads the whole file each time. */
const READ_MS = 1000;

/** The model is drawn again after this many times as long as it took, if more trials have ended. */
const MODEL_SHARE = 10;

const wait = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

/** Shows the study in `host`, and follows it; returns the cleanup. */
export function mountStudyFile(host: HTMLElement, path: string, studies: Studies): () => void {
  let unmount: () => void = () => undefined;
  let kernel: Kernel | null = null;
  let onTraits: () => void = () => undefined;
  let isReading = false;
  let isStale = true;
  let landscape: Landscape | null = null;
  /** How many trials had ended when the model was last asked for. */
  let modelOf = 0;
  let isDrawing = false;
  let notBefore = 0;
  const gone = new AbortController();
  const isGone = (): boolean => gone.signal.aborted;

  const show = (data: unknown): void => {
    const isFirst = kernel === null;
    kernel = savedKernel(data, 'file');
    void drawModel();
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
      snapshot: () => ({ ...now().snapshot(), landscape }),
      drawsModel: () => isDrawing,
      send: () => undefined,
      listen: (_, traits) => {
        onTraits = traits;
        return () => undefined;
      }
    });
  };
  const drawModel = async (): Promise<void> => {
    const ended = kernel?.snapshot().status.done ?? 0;
    if (isDrawing || isGone() || ended === modelOf || performance.now() < notBefore) return;
    modelOf = ended;
    isDrawing = true;
    const began = performance.now();
    try {
      landscape = await studies.server.model(path);
    } catch (error) {
      console.warn(`${path}: the model could not be drawn`, error);
    }
    isDrawing = false;
    if (isGone()) return;
    onTraits();
    const pause_ms = MODEL_SHARE * (performance.now() - began);
    notBefore = performance.now() + pause_ms;
    await wait(pause_ms);
    void drawModel();
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
    await wait(row && isLive(row) ? READ_MS : 0);
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
