/** Door 2: the plugins for JupyterLab and Notebook 7, one file each. */
import { applying } from './applying/applying';
import { highlight } from './editor/highlight';
import { sliders } from './editor/sliders';
import { output } from './output';

export default [applying, highlight, sliders, output];
