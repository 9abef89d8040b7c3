/**
 * Shows saved dashboards outside of notebooks (see output.ts for those) in place of the html that the same output has
 * for readers without this extension. What draws them is loaded when the first one is met, so that Lab's start does not
 * wait for it.
 */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Widget } from '@lumino/widgets';
import { SAVED_MIME } from '../wire/saved';

/** Before html, whose rank is 50; after a live widget. */
const RANK = 40;

class SavedDashboard extends Widget implements IRenderMime.IRenderer {
  private unmount: () => void = () => undefined;

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const { mountSaved } = await import('./saved');
    if (this.isDisposed) return;
    this.unmount();
    this.unmount = mountSaved(this.node, model.data[SAVED_MIME]);
  }

  override dispose(): void {
    this.unmount();
    super.dispose();
  }
}

const extension: IRenderMime.IExtension = {
  id: 'jupyter-tune:saved-dashboard',
  description: 'Shows the dashboard of a study that was saved with a notebook.',
  rendererFactory: {
    // data only: names, logs and errors enter the page as text, charts as numbers and escaped words
    safe: true,
    mimeTypes: [SAVED_MIME],
    defaultRank: RANK,
    createRenderer: () => new SavedDashboard()
  },
  dataType: 'json'
};

export default extension;
