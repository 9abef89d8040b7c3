/** The dashboard over what a notebook kept. Loaded on demand by mime.ts, with Plotly inside. */
import '../../style/dashboard.css';
import { savedKernel } from '../wire/saved';
import { Store, type Absence, type Kernel, type Way } from '../wire/store';
import { offerStudy } from '../doors';
import { mountDashboard } from '../ui/dashboard';
import { element } from '../ui/page/dom';

interface Circumstances {
  readonly absence?: Absence;
  /** Runs the lines that show the study, or go on with it. */
  readonly bring?: (way: Way) => Promise<void>;
}

/** Shows the dashboard, or in words why it cannot be shown; returns the cleanup. */
export function mountSaved(host: HTMLElement, data: unknown, { absence, bring }: Circumstances = {}): () => void {
  try {
    return mountKernel(host, savedKernel(data, absence, bring));
  } catch (error) {
    const words = element('p', {}, error instanceof Error ? error.message : String(error));
    host.append(words);
    return () => {
      words.remove();
    };
  }
}

/** Shows the dashboard of what `kernel` says; returns the cleanup. */
export function mountKernel(host: HTMLElement, kernel: Kernel): () => void {
  const store = new Store(kernel);
  const unmount = mountDashboard(host, store);
  const withdraw = offerStudy(host, store);
  return () => {
    withdraw();
    unmount();
    store.dispose();
  };
}
