/** Door 2: the plugins for JupyterLab and Notebook 7, one file each. */
import { highlight } from './highlight';
import { output } from './output';

export default [highlight, output];
