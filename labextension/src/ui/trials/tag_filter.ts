/** Which trials the table shows, by a tag: a choice that is there only where trials have tags. */
import { element, setText, whenChanged } from '../page/dom';
import { rowCount, type Rows } from '../../wire/tables';
import { tagsOf } from './trial_columns';

export interface TagFilter {
  readonly node: HTMLElement;
  /** The chosen tag; empty for all trials. */
  readonly chosen: () => string;
  /** An empty tag, and one that no trial has, shows all. */
  readonly choose: (tag: string) => void;
  readonly draw: (trials: Rows) => void;
}

export function createTagFilter(onChoose: () => void): TagFilter {
  const node = element('select', {
    class: 'jt-select',
    testid: 'tag-filter',
    'aria-label': 'Show the trials with a tag'
  });
  node.addEventListener('change', onChoose);
  const fill = whenChanged((counts: readonly (readonly [tag: string, count: number])[]) => {
    const { value } = node;
    const options = counts.map(([tag, count]) => element('option', { value: tag }, `${tag} (${count})`));
    const all = element('option', { value: '' });
    setText(all, 'all tags');
    node.replaceChildren(all, ...options);
    // a tag that no trial has any more shows all
    node.value = counts.some(([tag]) => tag === value) ? value : '';
  });
  return {
    node,
    chosen: () => (node.hidden ? '' : node.value),
    choose(tag) {
      node.value = tag;
      if (node.value !== tag) node.value = '';
    },
    draw(trials) {
      const counts = new Map<string, number>();
      for (let row = 0; row < rowCount(trials); row++) {
        for (const tag of tagsOf(trials, row)) counts.set(tag, (counts.get(tag) ?? 0) + 1);
      }
      node.hidden = counts.size === 0;
      fill([...counts].sort(([a], [b]) => a.localeCompare(b)));
    }
  };
}
