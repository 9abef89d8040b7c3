/** Door 2: the plugins for JupyterLab and Notebook 7, one file each. */
import { applying } from './applying/applying';
import { compare } from './compare/plugin';
import { studyFiles } from './document/plugin';
import { example } from './editor/example';
import { editingHelp } from './editor/help';
import { highlight } from './editor/highlight';
import { sliders } from './editor/sliders';
import { news } from './news';
import { output } from './output';
import { panel } from './panel/plugin';
import { servedStudies } from './served/plugin';
import { status } from './status';

export default [
  applying,
  highlight,
  sliders,
  editingHelp,
  example,
  output,
  servedStudies,
  panel,
  compare,
  studyFiles,
  status,
  news
];
