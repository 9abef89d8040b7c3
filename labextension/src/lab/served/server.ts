/** Requests to jupyter_tune's part of the Jupyter server (jupyter_tune/server/handlers.py), which needs no kernel. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { Landscape, PageMessage } from '../../wire/protocol';
import type { Row } from './row';

export interface Listing {
  readonly studies: readonly Row[];
  /** Studies that are being read; their rows come as events. */
  readonly unread: number;
}

export interface StudyServer {
  list(): Promise<Listing>;
  /** What a notebook would keep of its dashboard, as its file is now. */
  dashboard(path: string): Promise<unknown>;
  /** What the model says of it, drawn in seconds. */
  model(path: string): Promise<Landscape>;
  /** Raises with the driver's words if it refuses. */
  request(path: string, message: PageMessage): Promise<void>;
  delete(path: string): Promise<void>;
  compare(paths: readonly string[]): Promise<unknown>;
}

export function studyServer(settings: ServerConnection.ISettings): StudyServer {
  const ask = async (url: string, init: RequestInit = {}): Promise<unknown> => {
    const full = URLExt.join(settings.baseUrl, 'jupyter-tune/api', url);
    const answer = await ServerConnection.makeRequest(full, { cache: 'no-store', ...init }, settings);
    const text = await answer.text();
    if (!answer.ok) throw new Error(reasonIn(text) ?? `The server answers ${answer.status} ${answer.statusText}`);
    return text === '' ? null : JSON.parse(text);
  };
  const of = (path: string): string => `studies/${path.split('/').map(encodeURIComponent).join('/')}`;
  return {
    list: async () => (await ask('studies')) as Listing,
    dashboard: path => ask(of(path)),
    model: async path => (await ask(`${of(path)}/model`)) as Landscape,
    async request(path, message) {
      await ask(`${of(path)}/requests`, { method: 'POST', body: JSON.stringify(message) });
    },
    async delete(path) {
      await ask(of(path), { method: 'DELETE' });
    },
    compare: paths => ask(`compare?${new URLSearchParams(paths.map(path => ['path', path])).toString()}`)
  };
}

function reasonIn(text: string): string | null {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === 'string' && message !== '' ? message : null;
  } catch {
    return null; // a proxy's page
  }
}
