/** The extension's mark: two sliders. It takes the colour of the theme's icons. */
import { LabIcon } from '@jupyterlab/ui-components';

export const studyIcon = new LabIcon({
  name: 'jupyter-tune:study',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="#616161">
    <path d="M3 6h6.2a2.8 2.8 0 0 0 5.6 0H21v2h-6.2a2.8 2.8 0 0 1-5.6 0H3zM3 16h9.2a2.8 2.8 0 0 0 5.6 0H21v2h-3.2a2.8 2.8 0 0 1-5.6 0H3z"/>
    <circle cx="12" cy="7" r="2.6"/>
    <circle cx="15" cy="17" r="2.6"/>
  </g>
</svg>`
});
