/** In place of src/ui/chart.ts, whose Plotly needs a browser: remembers what was drawn, and can be clicked. */
import type { Chart, Figure, Hit } from '../../src/ui/chart';

interface Drawn {
  readonly plot: HTMLElement;
  readonly figure: Figure;
  readonly selected: number | null;
}

export const drawn: Drawn[] = [];
export const clickable: { readonly plot: HTMLElement; readonly hit: (hit: Hit) => void }[] = [];

export function createChart(plot: HTMLElement, hit: (hit: Hit) => void): Chart {
  clickable.push({ plot, hit });
  return {
    draw(figure, selected) {
      drawn.push({ plot, figure, selected });
      return Promise.resolve();
    },
    picture: format => Promise.resolve(`data:image/${format},`),
    dispose: () => undefined
  };
}
