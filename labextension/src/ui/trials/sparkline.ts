/** A small learning curve: one line, its ends said in words. Drawn by hand: a chart would weigh more than it shows. */
import { formatNumber } from '../../params/format';
import { element, svgElement } from '../page/dom';

const [WIDTH, HEIGHT, ROOM] = [240, 64, 4];

export function createSparkline(): {
  readonly node: HTMLElement;
  readonly draw: (steps: readonly number[], values: readonly number[], colour: string) => void;
} {
  const looks = { fill: 'none', 'stroke-width': '2', 'vector-effect': 'non-scaling-stroke' };
  const line = svgElement('polyline', looks);
  const box = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img' };
  const picture = svgElement('svg', box, line);
  const caption = element('figcaption', { class: 'jt-hint' });
  const node = element('figure', { class: 'jt-sparkline' });
  node.append(picture, caption);

  return {
    node,
    draw(steps, values, colour) {
      node.hidden = values.length < 2;
      if (node.hidden) return;
      const [x, y] = [placer(steps, ROOM, WIDTH - ROOM), placer(values, HEIGHT - ROOM, ROOM)];
      line.setAttribute('points', steps.map((step, at) => `${x(step)},${y(values[at] ?? 0)}`).join(' '));
      line.setAttribute('stroke', colour);
      const [first = 0, last = 0] = [values[0], values.at(-1)];
      const words =
        `step ${formatNumber(steps[0] ?? 0)}: ${formatNumber(first)}, ` +
        `step ${formatNumber(steps.at(-1) ?? 0)}: ${formatNumber(last)}`;
      picture.setAttribute('aria-label', `Learning curve, ${words}`);
      caption.textContent = words;
    }
  };
}

/** Where a number stands between two pixels, the least at the first. */
export function placer(numbers: readonly number[], from: number, to: number): (value: number) => string {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  return value => (high === low ? (from + to) / 2 : from + ((value - low) / (high - low)) * (to - from)).toFixed(1);
}
