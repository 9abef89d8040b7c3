/** Icons of the cell's toolbar, in the colours of Lab's own. */
import { LabIcon } from '@jupyterlab/ui-components';

const drawn = (path: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 24 24"><path class="jp-icon3" fill="#616161" d="${path}"/></svg>`;

/** A star above a line: the best, put down. */
export const applyIcon = new LabIcon({
  name: 'jupyter-tune:apply-best',
  svgstr: drawn('M12 2l2.2 4.9 5.3.6-4 3.6 1.1 5.3L12 13.7l-4.6 2.7 1.1-5.3-4-3.6 5.3-.6zM4 19h16v2H4z')
});

/** Two arrows that point at each other. */
export const narrowIcon = new LabIcon({
  name: 'jupyter-tune:narrow-around-best',
  svgstr: drawn('M2 11h5V8l4 4-4 4v-3H2zM22 11h-5V8l-4 4 4 4v-3h5zM2 4h2v4H2zM20 4h2v4h-2zM2 16h2v4H2zM20 16h2v4h-2z')
});
