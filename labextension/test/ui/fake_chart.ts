/** In place of src/ui/charts/chart.ts, whose Plotly needs a browser: remembers what was drawn, and can be clicked. */
import type { Figure } from '../../src/charts/template';
import type { Chart, Hit } from '../../src/ui/charts/chart';

interface Drawn {
  readonly plot: HTMLElement;
  readonly figure: Figure;
  readonly selected: number | null;
}

export const drawn: Drawn[] = [];
/** How many of the next draws fail. */
export const failing = { draws: 0 };
export const clickable: { readonly plot: HTMLElement; readonly hit: (hit: Hit) => void }[] = [];

export function createChart(plot: HTMLElement, hit: (hit: Hit) => void): Chart {
  clickable.push({ plot, hit });
  return {
    draw(figure, selected) {
      drawn.push({ plot, figure, selected });
      if (failing.draws === 0) return Promise.resolve(true);
      failing.draws--;
      return Promise.reject(new Error('it was not ready in time'));
    },
    axes: () => null,
    picture: format => Promise.resolve(`data:image/${format},`),
    dispose: () => undefined
  };
}
