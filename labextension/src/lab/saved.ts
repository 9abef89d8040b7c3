/** The dashboard over what a notebook kept. Loaded on demand by mime.ts, with Plotly inside. */
import '../../style/dashboard.css';
import { savedKernel } from '../core/saved';
import { Store } from '../core/store';
import { mountDashboard } from '../ui/dashboard';
import { element } from '../ui/dom';

/** Shows the dashboard, or in words why it cannot be shown; returns the cleanup. */
export function mountSaved(host: HTMLElement, data: unknown): () => void {
  try {
    const store = new Store(savedKernel(data));
    const unmount = mountDashboard(host, store);
    return () => {
      unmount();
      store.dispose();
    };
  } catch (error) {
    const words = element('p', {}, error instanceof Error ? error.message : String(error));
    host.replaceChildren(words);
    return () => {
      words.remove();
    };
  }
}
