/**
 * What the surrogate believes over two parameters. The choice of parameters is a wish to the kernel, which computes the
 * grid; the choice of mean, uncertainty or acquisition is only about what is shown.
 */
import type { ChartName } from '../core/protocol';
import type { Store } from '../core/store';
import type { Tables } from '../core/tables';
import { createChartPanel, type ChartPanel } from './chart_panel';
import { button, element, setAttribute, setText } from './dom';

const VIEWS: readonly { readonly chart: ChartName; readonly label: string; readonly title: string }[] = [
  { chart: 'landscape_mean', label: 'Mean', title: 'What the model expects' },
  { chart: 'landscape_deviation', label: 'Uncertainty', title: 'Where the model does not know yet' },
  { chart: 'landscape_acquisition', label: 'Acquisition', title: 'Where the next trials are worth most' }
];
const COMING = 'The landscape appears after the first trials finish.';
const NEVER_CAME = 'The study ended without a landscape.';

export function createLandscape(store: Store): ChartPanel {
  let view: ChartName = 'landscape_mean';
  let wish: readonly [string, string] | null = null;

  const selectX = createSelect('select-x', 'Parameter on the horizontal axis');
  const selectY = createSelect('select-y', 'Parameter on the vertical axis');
  const tabs = VIEWS.map(({ chart, label, title }) =>
    button(label, { class: 'jt-tab', title }, () => {
      view = chart;
      drawControls();
      panel.redraw();
    })
  );
  const axes = element(
    'div',
    { class: 'jt-axes' },
    selectY,
    element('span', { class: 'jt-axes-word' }, 'over'),
    selectX
  );
  const tabBar = element('div', { class: 'jt-tabs', role: 'group', 'aria-label': 'What the landscape shows' }, ...tabs);
  const panel = createChartPanel(
    store,
    {
      title: 'Landscape',
      testid: 'chart-landscape',
      template: () => view,
      missing: missingLandscape,
      shows: tables => [tables.landscape]
    },
    axes,
    tabBar
  );
  const note = element('p', { class: 'jt-hint' });
  panel.node.append(note);

  const onSelect = (changed: HTMLSelectElement, other: HTMLSelectElement, previous: string): void => {
    if (changed.value === other.value) other.value = previous;
    wish = [selectX.value, selectY.value];
    store.send({ type: 'landscape', x: selectX.value, y: selectY.value });
    drawControls();
  };
  let shownAxes: readonly [string, string] = ['', ''];
  selectX.addEventListener('change', () => {
    onSelect(selectX, selectY, shownAxes[0]);
  });
  selectY.addEventListener('change', () => {
    onSelect(selectY, selectX, shownAxes[1]);
  });

  const drawControls = (): void => {
    const names = store.parameters.filter(({ kind }) => kind !== 'constant').map(({ name }) => name);
    const { landscape } = store.tables;
    if (landscape?.x === wish?.[0] && landscape?.y === wish?.[1]) wish = null;
    shownAxes = wish ?? [landscape?.x ?? names[0] ?? '', landscape?.y ?? names[1] ?? ''];
    setOptions(selectX, names, shownAxes[0]);
    setOptions(selectY, names, shownAxes[1]);
    axes.hidden = names.length < 2;
    tabBar.hidden = names.length < 2;
    VIEWS.forEach(({ chart }, index) => {
      const tab = tabs[index];
      if (tab) setAttribute(tab, 'aria-pressed', String(chart === view));
    });
    panel.node.classList.toggle('jt-pending', wish !== null);
    const empty = missingLandscape(store.tables) !== null;
    setText(note, empty ? '' : (landscape?.note ?? ''));
  };

  return {
    node: panel.node,
    redraw: panel.redraw,
    dispose: panel.dispose,
    draw() {
      drawControls();
      panel.draw();
    }
  };
}

function missingLandscape({ landscape, status }: Tables): string | null {
  if (landscape && landscape.mean.length > 0) return null;
  const ended = status.state === 'ended' || status.state === 'lost';
  if (landscape && landscape.note !== '') return landscape.note;
  return ended ? NEVER_CAME : COMING;
}

function createSelect(testid: string, label: string): HTMLSelectElement {
  return element('select', { class: 'jt-select', testid, 'aria-label': label });
}

function setOptions(select: HTMLSelectElement, names: readonly string[], value: string): void {
  const present = Array.from(select.options, option => option.value);
  if (present.join('\n') !== names.join('\n')) {
    select.replaceChildren(...names.map(name => element('option', { value: name }, name)));
  }
  if (select.value !== value) select.value = value;
}
