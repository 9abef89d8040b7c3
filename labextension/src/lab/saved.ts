/** The dashboard over what a notebook kept. Loaded on demand by mime.ts, with Plotly inside. */
import '../../style/dashboard.css';
import { savedKernel, type Absence } from '../core/saved';
import { Store } from '../core/store';
import { mountDashboard } from '../ui/dashboard';
import { element } from '../ui/dom';

interface Circumstances {
  readonly absence?: Absence;
  /** Shows the study as it is now. */
  readonly show?: () => void;
}

/** Shows the dashboard, or in words why it cannot be shown; returns the cleanup. */
export function mountSaved(host: HTMLElement, data: unknown, { absence, show }: Circumstances = {}): () => void {
  try {
    const store = new Store(savedKernel(data, absence, show));
    const unmount = mountDashboard(host, store);
    return () => {
      unmount();
      store.dispose();
    };
  } catch (error) {
    const words = element('p', {}, error instanceof Error ? error.message : String(error));
    host.append(words);
    return () => {
      words.remove();
    };
  }
}
