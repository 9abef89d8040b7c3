/** What can be done with a study of the list: all through the server, so that it works while kernels are busy or gone. */
import type { PageMessage } from '../../wire/protocol';
import type { Row } from './row';
import type { Studies } from './studies';
import type { NotebookWidget, Opener } from './opener';

export interface Actions {
  openDashboard(row: Row): Promise<void>;
  /** Opens the notebook that began the study, at the study's cell. */
  openNotebook(row: Row): Promise<void>;
  request(row: Row, message: PageMessage): Promise<void>;
  /** Goes on with a study that has ended: in its notebook, for only a kernel can have its code. */
  resume(row: Row): Promise<void>;
  delete(row: Row): Promise<void>;
  compare(rows: readonly Row[]): Promise<void>;
}

/** Asks the user; false for no. */
export type Confirm = (title: string, text: string, yes: string) => Promise<boolean>;

export function actionsOn(studies: Studies, opener: Opener, confirm: Confirm): Actions {
  const openNotebook = async (row: Row): Promise<NotebookWidget> => {
    if (row.notebook === null) throw new Error(`Study ${row.name} was not begun in a notebook of this server.`);
    return opener.notebook(row.notebook, row.name);
  };
  return {
    openDashboard: row => opener.dashboard(row.path),
    async openNotebook(row) {
      await openNotebook(row);
    },
    request: (row, message) => studies.server.request(row.path, message),
    async resume(row) {
      if (row.notebook === null) {
        throw new Error(`Study ${row.name} was begun in a terminal. To go on: jupyter tune resume ${quoted(row.path)}`);
      }
      await opener.run(await openNotebook(row), resumingLines(row));
    },
    async delete(row) {
      const what = `Its ${row.trials} ${row.trials === 1 ? 'trial' : 'trials'}, logs, checkpoints and artifacts will be gone.`;
      if (await confirm(`Delete study ${row.name}?`, what, 'Delete')) await studies.server.delete(row.path);
    },
    compare: rows => opener.comparison(rows.map(row => row.path))
  };
}

/** The lines that go on with a study whose notebook may lie in another folder than its file. */
export function resumingLines({ path, notebook }: Row): string[] {
  const there = quoted(relative(path, notebook ?? ''));
  return ['%load_ext jupyter_tune', `%tune resume ${there}`, `%tune show ${there}`];
}

/** `path`, seen from the folder of `notebook`, in which its kernel runs. */
export function relative(path: string, notebook: string): string {
  const [to, from] = [path.split('/'), notebook.split('/').slice(0, -1)];
  let same = 0;
  while (same < from.length && same < to.length - 1 && from[same] === to[same]) same++;
  const up = from.slice(same).map(() => '..');
  const way = [...up, ...to.slice(same)].join('/');
  return way.includes('/') ? way : `./${way}`;
}

/** As a shell takes it. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}
