/** One row of the trial table: made once for a trial, filled again whenever the trials change. */
import { STATE_COLOURS } from '../core/palette';
import type { TrialState } from '../core/protocol';
import type { Rows } from '../core/tables';
import { cellText, isProvisional, type TableColumn } from '../core/trial_columns';
import { element, setAttribute, setText } from './dom';

export interface TrialRow {
  readonly node: HTMLElement;
  /** Shows row `index` of the trials, as the selected one or not. */
  readonly fill: (trials: Rows, index: number, selected: boolean) => void;
}

export function createTrialRow(number: number, columns: readonly TableColumn[], onClick: () => void): TrialRow {
  const cells = columns.map(column => createCell(number, column));
  const node = element('tr', { class: 'jt-row', testid: `trial-${number}` }, ...cells.map(cell => cell.node));
  node.addEventListener('click', onClick);
  return {
    node,
    fill(trials, index, selected) {
      node.classList.toggle('jt-row-open', selected);
      for (const cell of cells) cell.fill(trials, index, selected);
    }
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
      return {
        node,
        fill(_trials, _index, selected) {
          setAttribute(opener, 'aria-expanded', String(selected));
        }
      };
    }
    case 'state': {
      const [dot, word] = [element('span', { class: 'jt-dot', 'aria-hidden': 'true' }), element('span')];
      node.append(dot, word);
      return {
        node,
        fill(trials, index) {
          const state = cellText(trials, key, index);
          dot.style.backgroundColor = STATE_COLOURS[state as TrialState];
          setText(word, state);
        }
      };
    }
    default:
      return {
        node,
        fill(trials, index) {
          setText(node, cellText(trials, key, index));
          if (key === 'value') node.classList.toggle('jt-provisional', isProvisional(trials, index));
        }
      };
  }
}
