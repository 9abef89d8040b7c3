/** One row of the trial table: made once for a trial, filled again whenever the trials change. */
import { STATE_COLOURS, type ShownState } from '../../wire/palette';
import { isOfMetric } from '../../wire/metrics';
import type { Rows } from '../../wire/tables';
import { cellText, isProvisional, nonfiniteText, whyText, type TableColumn } from './trial_columns';
import { element, setAttribute } from '../page/dom';

export interface TrialRow {
  readonly node: HTMLElement;
  /** Shows row `index` of the trials, as the selected one or not. */
  readonly fill: (trials: Rows, index: number, selected: boolean) => void;
}

export function createTrialRow(number: number, columns: readonly TableColumn[], onClick: () => void): TrialRow {
  const cells = columns.map(column => createCell(number, column));
  const node = element('tr', { class: 'jt-row', testid: `trial-${number}` }, ...cells.map(cell => cell.node));
  node.addEventListener('click', onClick);
  let open = false;
  return {
    node,
    fill(trials, index, selected) {
      if (selected !== open) node.classList.toggle('jt-row-open', (open = selected));
      for (const cell of cells) cell.fill(trials, index, selected);
    }
  };
}

/** Calls `write` where its text differs from the last: the page itself is not asked, which would cost a look-up a cell. */
function remembered(write: (text: string) => void): (text: string) => void {
  let written: string | null = null;
  return text => {
    if (text === written) return;
    written = text;
    write(text);
  };
}

function createCell(number: number, { key, numeric }: TableColumn): TrialRow {
  const node = element('td', { class: numeric ? 'jt-numeric' : '' });
  switch (key) {
    case 'number': {
      // the row hears its click
      const opener = element('button', { type: 'button', class: 'jt-open', tabindex: '-1' }, String(number));
      setAttribute(opener, 'aria-label', `Trial ${number}: details`);
      node.append(opener);
      const expand = remembered(text => {
        setAttribute(opener, 'aria-expanded', text);
      });
      return {
        node,
        fill(_trials, _index, selected) {
          expand(String(selected));
        }
      };
    }
    case 'state': {
      const [dot, word] = [element('span', { class: 'jt-dot', 'aria-hidden': 'true' }), element('span')];
      node.append(dot, word);
      const show = remembered(state => {
        dot.style.backgroundColor = STATE_COLOURS[state as ShownState];
        word.textContent = state;
      });
      const explain = remembered(why => {
        node.title = why;
      });
      return {
        node,
        fill(trials, index) {
          show(cellText(trials, key, index));
          explain(whyText(trials, index));
        }
      };
    }
    case 'standing': {
      const [mark, word] = [element('span', { class: 'jt-mark', 'aria-hidden': 'true' }), element('span')];
      node.append(mark, word);
      const show = remembered(standing => {
        mark.dataset.standing = standing;
        word.textContent = standing;
      });
      const explain = remembered(violates => {
        node.title = violates === '' ? '' : `violates ${violates}`;
      });
      return {
        node,
        fill(trials, index) {
          show(String(trials.standing?.[index] ?? ''));
          explain(String(trials.violates?.[index] ?? ''));
        }
      };
    }
    default: {
      const show = remembered(text => {
        node.textContent = text;
        if (key === 'reason' || key === 'tags' || key === 'note') node.title = text;
      });
      const mark = remembered(mark => {
        node.classList.toggle('jt-provisional', mark === 'provisional');
        node.classList.toggle('jt-no-number', mark === 'no number');
      });
      return {
        node,
        fill(trials, index) {
          show(cellText(trials, key, index));
          if (!isOfMetric(key)) return;
          mark(
            key === 'value' && nonfiniteText(trials, index)
              ? 'no number'
              : isProvisional(trials, index)
                ? 'provisional'
                : ''
          );
        }
      };
    }
  }
}
