/**
 * Completion on the magic line by Lab's own completer: options with their help, samplers and pruners, names of the cell.
 * It needs no kernel. Kernel and words of the text have nothing to say there, so they are not asked on that line; in
 * the body of the cell they alone answer.
 */
import type {
  CompletionHandler,
  ICompletionContext,
  ICompletionProvider,
  ICompletionProviderManager
} from '@jupyterlab/completer';

/** Behind that of the kernel, whose rank is 550: what draws the list stays as it is. */
const RANK = 540;

/** The providers that come with Lab. */
const OTHERS = ['CompletionProvider:kernel', 'CompletionProvider:context'];

/** Characters of the help that stand in the list; all of it is in the completer's documentation panel. */
const HELP_LENGTH = 72;

const provider: ICompletionProvider = {
  identifier: 'jupyter-tune:magic-line',
  rank: RANK,
  isApplicable: context => Promise.resolve(isOnMagicLine(context)),
  fetch: async ({ text, offset }, { editor }) => {
    const { completionsAt } = await import('../../cell/completions');
    // Lab counts the offset in bytes of a string of two bytes, or in characters, by version: the editor knows it
    const at = editor ? editor.getOffsetAt(editor.getCursorPosition()) : offset;
    const found = completionsAt(text, at);
    const items: CompletionHandler.ICompletionItem[] = (found?.items ?? []).map(({ insert, kind, help, ...item }) => ({
      // what stands in brackets is shown, and not searched
      label: `${insert} (${shortened(help)})`,
      insertText: insert,
      type: kind,
      documentation: `${item.spelling}\n\n${help}`
    }));
    return { start: found?.from ?? at, end: at, items };
  }
};

function isOnMagicLine({ editor }: ICompletionContext): boolean {
  if (!editor?.getLine(0)?.startsWith('%%tune')) return false;
  const { line, column } = editor.getCursorPosition();
  // the name of the magic itself is the kernel's
  return line === 0 && column > '%%tune'.length;
}

function shortened(help: string): string {
  return help.length <= HELP_LENGTH ? help : `${help.slice(0, HELP_LENGTH).replace(/\s+\S*$/, '')} …`;
}

/** Completes the magic line. `restored`: when Lab has its own providers. */
export function completeMagicLine(manager: ICompletionProviderManager, restored: Promise<void>): void {
  manager.registerProvider(provider);
  void restored.then(() => {
    // the interface has no way to read the others; a manager without this one shows theirs beside ours
    const { getProviders } = manager as { getProviders?: () => Map<string, ICompletionProvider> };
    const known = getProviders?.call(manager);
    for (const other of OTHERS.flatMap(name => known?.get(name) ?? [])) {
      const isApplicable = other.isApplicable.bind(other);
      other.isApplicable = async context => !isOnMagicLine(context) && (await isApplicable(context));
    }
  });
}
