/**
 * What the user hears of without looking: a study has ended, or keeps failing; and how far they are, in the title of the
 * browser's tab. A study is spoken of once, whichever kernel runs it.
 */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { isLive, type Row } from './served/row';
import { followSettings } from './settings';
import { IServedStudies, type ServedStudies } from './served/plugin';
import { endInWords, keepsFailing, percentDone } from './served/words';

const ID = 'jupyter-tune:news';
const ALLOW_COMMAND = 'jupyter-tune:allow-notifications';
const STAYS_MS = 15_000;

interface Settings {
  readonly notify: boolean;
  readonly notifyOutside: boolean;
  readonly title: boolean;
}

const DEFAULTS: Settings = { notify: true, notifyOutside: true, title: true };

export const news: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Says when a study ends or keeps failing, and shows in the tab’s title how far studies are.',
  autoStart: true,
  requires: [IServedStudies],
  optional: [ISettingRegistry, ICommandPalette],
  activate: (
    app,
    { studies, actions }: ServedStudies,
    registry: ISettingRegistry | null,
    palette: ICommandPalette | null
  ) => {
    let chosen = DEFAULTS;
    const failing = new Set<string>();
    const title = createTitle();
    const say = (row: Row, level: 'success' | 'warning', words: string): void => {
      if (chosen.notify) {
        const open = { label: 'Open', callback: () => void actions.openDashboard(row) };
        const allow = { label: 'Notify by the browser too', callback: () => void allowOutside() };
        const offered = chosen.notifyOutside && mayAskOutside() ? [open, allow] : [open];
        Notification.emit(words, level, { autoClose: STAYS_MS, actions: offered });
      }
      if (chosen.notifyOutside) sayOutside(row.name, words);
    };
    const draw = (): void => {
      title.show(chosen.title ? percentDone(studies.list()) : null);
    };
    studies.changed.connect((_, change) => {
      draw();
      const { row, before } = change ?? {};
      if (!row || !before || !isLive(before)) return;
      if (!isLive(row) && row.error === null) {
        failing.delete(row.path);
        say(row, row.state === 'interrupted' ? 'warning' : 'success', endInWords(row));
      } else if (keepsFailing(row) && !failing.has(row.path)) {
        failing.add(row.path);
        say(
          row,
          'warning',
          `Study ${row.name}: ${row.counts.failed ?? 0} of its trials have failed. Its dashboard says why.`
        );
      }
    });
    app.commands.addCommand(ALLOW_COMMAND, {
      label: 'Allow Notifications by the Browser',
      caption: 'Hear of the end of a study while this page is out of sight',
      isEnabled: mayAskOutside,
      execute: allowOutside
    });
    palette?.addItem({ command: ALLOW_COMMAND, category: 'Tuning' });
    followSettings(registry, ID, ({ composite }) => {
      chosen = { ...DEFAULTS, ...(composite as Partial<Settings>) };
      draw();
    });
    void app.restored.then(() => {
      studies.begin();
    });
  }
};

/** The browser's permission to notify; null in a browser without notifications. */
function permissionOutside(): NotificationPermission | null {
  return 'Notification' in window ? window.Notification.permission : null;
}

/** Whether the user has not decided yet. Browsers ask only after a click. */
function mayAskOutside(): boolean {
  return permissionOutside() === 'default';
}

async function allowOutside(): Promise<void> {
  if ((await window.Notification.requestPermission()) === 'denied') {
    Notification.warning('The browser does not let this page notify: its settings for this address say so.');
  }
}

/** By the browser, where the user has allowed it and does not look at the page. */
function sayOutside(name: string, words: string): void {
  if (!document.hidden || permissionOutside() !== 'granted') return;
  const outside = new window.Notification(`Study ${name}`, { body: words, tag: `jupyter-tune ${name}` });
  outside.onclick = () => {
    window.focus();
  };
}

/** Writes (42 %) before the title, also after Lab has written it anew. */
function createTitle(): { readonly show: (percent: number | null) => void } {
  let prefix = '';
  const write = (): void => {
    const bare = document.title.replace(/^\(\d+ %\) /, '');
    const text = `${prefix}${bare}`;
    if (document.title !== text) document.title = text;
  };
  const head = document.querySelector('title');
  if (head) new MutationObserver(write).observe(head, { childList: true, characterData: true, subtree: true });
  return {
    show(percent) {
      prefix = percent === null ? '' : `(${percent} %) `;
      write();
    }
  };
}
