import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

// The rooms of src/ as rules. wire, params, charts and cell are pure: they know neither page nor Lab, and import only the
// rooms named here. Only ui/charts/chart.ts knows Plotly, only lab/ knows JupyterLab. widget.ts and lab/ are the two doors;
// what they say to each other is in doors.ts.
const PURE = { wire: [], cell: ['wire', 'params'], params: ['wire'], charts: ['wire', 'params'] };
/** The folders of ui/, each with those that it imports; all import the pure rooms, and dashboard.ts all of them. */
const UI = {
  page: [],
  notes: ['page'],
  charts: ['page'],
  explore: ['page', 'charts'],
  trials: ['page', 'notes'],
  steering: ['page'],
  study: ['page', 'notes']
};
const CHART = 'src/ui/charts/chart.ts';

const lab = {
  group: ['@jupyterlab/*', '@lumino/*', '@codemirror/*'],
  message: 'Only src/lab/ may import JupyterLab, Lumino or CodeMirror.'
};
const plotly = { group: ['plotly*'], message: `Only ${CHART} may import Plotly.` };
/** Of a folder beside others: what it imports of them is named here. */
const beside = (folder, imported) => ({
  regex: `^\\.\\./(?!\\.\\./|(${[...imported, folder].join('|')})/)`,
  message: `${folder}/ imports ${imported.join(', ') || 'none of the folders beside it'}: see eslint.config.mjs.`
});
const dom = ['document', 'window', 'self', 'globalThis', 'navigator', 'location', 'localStorage', 'sessionStorage'];
const domTypes = ['Document', 'Window', 'Node', 'Element', 'HTMLElement', 'SVGElement', 'Event', 'CustomEvent'];
const noDom = {
  'no-restricted-globals': ['error', ...dom.map(name => ({ name, message: 'This room knows no DOM.' }))],
  '@typescript-eslint/no-restricted-types': [
    'error',
    { types: Object.fromEntries(domTypes.map(name => [name, 'This room knows no DOM.'])) }
  ]
};
const lazy = {
  group: [
    '**/ui/**',
    '!**/ui/page',
    '!**/ui/page/dom',
    '!**/ui/page/same',
    '!**/ui/page/thumbs',
    './saved',
    '../saved',
    '**/panel/panel',
    '**/study_file',
    '**/comparison'
  ],
  message: 'Import it on demand: import(…).'
};
/** What Lab's side loads on demand: only behind it may it reach the dashboard's parts. */
const LOADED_LATER = [
  'src/lab/saved.ts',
  'src/lab/panel/panel.ts',
  'src/lab/panel/study_card.ts',
  'src/lab/document/study_file.ts',
  'src/lab/compare/comparison.ts'
];
const restrict = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });

export default tseslint.config(
  { ignores: ['lib/', 'node_modules/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }]
    }
  },
  ...Object.entries(PURE).map(([room, imported]) => ({
    files: [`src/${room}/**/*.ts`],
    rules: { ...restrict(lab, plotly, beside(room, imported)), ...noDom }
  })),
  { files: ['src/ui/*.ts', 'src/*.ts'], rules: restrict(lab, plotly) },
  ...Object.entries(UI).map(([folder, imported]) => ({
    files: [`src/ui/${folder}/**/*.ts`],
    ignores: [CHART],
    rules: restrict(lab, plotly, beside(folder, imported))
  })),
  { files: [CHART], rules: restrict(lab, beside('charts', UI.charts)) },
  { files: ['src/lab/**/*.ts'], ignores: LOADED_LATER, rules: restrict(plotly, lazy) },
  { files: LOADED_LATER, rules: restrict(plotly) },
  { files: ['*.js', '*.cjs'], languageOptions: { globals: { module: 'writable', require: 'readonly' } } },
  { files: ['*.mjs'], languageOptions: { globals: { console: 'readonly', URL: 'readonly' } } },
  {
    files: ['dev/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        ['window', 'document', 'location', 'URLSearchParams', 'fetch', 'setTimeout', 'setInterval'].map(name => [
          name,
          'readonly'
        ])
      )
    }
  }
);
