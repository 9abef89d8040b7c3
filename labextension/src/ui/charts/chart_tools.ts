/**
 * A menu of what can be done with one chart: a logarithmic axis, hiding pruned trials, showing what lies beyond the axis,
 * saving it. What was chosen stays for as long as the chart does, also where the data of a moment do not allow it.
 */
import { AS_SENT, type Adjustments, type Offers } from '../../charts/adjust';
import { button, element, setAttribute, setText } from '../page/dom';

export type Format = 'png' | 'svg' | 'csv';

export interface ChartTools {
  readonly node: HTMLElement;
  /** What is chosen now. */
  readonly chosen: () => Adjustments;
  readonly draw: (offers: Offers) => void;
  readonly hide: () => void;
}

type Switch = keyof Adjustments;
const FORMATS: readonly (readonly [Format, string])[] = [
  ['png', 'Save as PNG'],
  ['svg', 'Save as SVG'],
  ['csv', 'Save data as CSV']
];

export function createChartTools(
  chart: string,
  onChange: () => void,
  save: (format: Format) => Promise<void>
): ChartTools {
  let chosen: Adjustments = AS_SENT;
  const toggle = (key: Switch): HTMLButtonElement =>
    button('', { class: 'jt-chart-tool', 'data-tool': key, 'aria-pressed': 'false' }, () => {
      chosen = { ...chosen, [key]: !chosen[key] };
      onChange();
    });
  const switches = { log: toggle('log'), hidePruned: toggle('hidePruned'), showAll: toggle('showAll') };
  const complaint = element('span', { class: 'jt-complaint', role: 'alert' });
  const saves = FORMATS.map(([format, label]) =>
    button(label, { class: 'jt-chart-tool', 'data-tool': format }, () => {
      setText(complaint, '');
      save(format).then(close, (error: unknown) => {
        setText(complaint, `It could not be saved: ${String(error)}`);
      });
    })
  );
  const opener = element(
    'summary',
    { 'aria-label': `Options of the chart: ${chart}`, title: 'Scale, filter, save' },
    '⋯'
  );
  const list = element('div', {
    class: 'jt-chart-menu',
    role: 'group',
    'aria-label': `Options of the chart: ${chart}`
  });
  list.append(...Object.values(switches), ...saves, complaint);
  const node = element('details', { class: 'jt-chart-tools' }, opener, list);
  node.hidden = true;

  const close = (): void => {
    node.open = false;
  };
  node.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || !node.open) return;
    event.stopPropagation();
    close();
    opener.focus();
  });
  node.addEventListener('focusout', event => {
    if (!(event.relatedTarget instanceof Node && node.contains(event.relatedTarget))) close();
  });
  // a browser gives a button that is clicked the focus or does not: a click on the menu keeps the focus where it is
  list.addEventListener('mousedown', event => {
    event.preventDefault();
  });

  const show = (key: Switch, shown: boolean, label: string, whyNot = ''): void => {
    const own = switches[key];
    own.hidden = !shown;
    own.disabled = whyNot !== '';
    setText(own, label);
    setAttribute(own, 'title', whyNot);
    setAttribute(own, 'aria-pressed', String(chosen[key] && whyNot === ''));
  };
  return {
    node,
    chosen: () => chosen,
    draw({ log, hidePruned, beyond }) {
      node.hidden = false;
      const whyNot = log?.possible === false ? 'A logarithmic axis needs all values shown to be greater than 0' : '';
      show('log', log !== null, `Log ${log?.axis ?? 'y'} axis`, whyNot);
      show('hidePruned', hidePruned || chosen.hidePruned, 'Hide pruned trials');
      // a logarithmic axis shows all anyway
      const all = chosen.log && log?.possible === true;
      const what = beyond === 1 ? '1 value' : `${beyond} values`;
      const needless = all ? 'The logarithmic axis shows all values' : '';
      show('showAll', beyond > 0, `Show all (${what} beyond the axis)`, needless);
    },
    hide() {
      node.hidden = true;
      close();
    }
  };
}

/** Gives the browser a file to keep. */
export function keepFile(name: string, url: string): void {
  const link = element('a', { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}

/** `study` and `chart` as a file's name on any system. */
export function fileName(study: string, chart: string, format: Format): string {
  const plain = `${study}-${chart}`.replace(/[\p{C}\s/\\:*?"<>|]+/gu, '_').slice(0, 120);
  return `${plain}.${format}`;
}
