import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

// The layers of src/ as rules: core knows neither page nor Lab, only chart.ts knows Plotly, only lab/ knows JupyterLab.
// widget.ts and lab/ are the two doors; what they say to each other is in doors.ts.
const lab = {
  group: ['@jupyterlab/*', '@codemirror/*'],
  message: 'Only src/lab/ may import JupyterLab or CodeMirror.'
};
const plotly = { group: ['plotly*'], message: 'Only src/ui/chart.ts may import Plotly.' };
const page = { group: ['**/ui/*', '**/lab/*', '**/doors', '**/widget'], message: 'src/core/ is pure.' };
const dom = ['document', 'window', 'self', 'globalThis', 'navigator', 'location', 'localStorage', 'sessionStorage'];
const domTypes = ['Document', 'Window', 'Node', 'Element', 'HTMLElement', 'SVGElement', 'Event', 'CustomEvent'];
const noDom = {
  'no-restricted-globals': ['error', ...dom.map(name => ({ name, message: 'src/core/ knows no DOM.' }))],
  '@typescript-eslint/no-restricted-types': [
    'error',
    { types: Object.fromEntries(domTypes.map(name => [name, 'src/core/ knows no DOM.'])) }
  ]
};
const lazy = { group: ['**/ui/*', './saved'], message: 'Import it on demand: import(…).' };
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
  { files: ['src/core/**/*.ts'], rules: { ...restrict(lab, plotly, page), ...noDom } },
  {
    files: ['src/ui/**/*.ts', 'src/widget.ts', 'src/doors.ts'],
    ignores: ['src/ui/chart.ts'],
    rules: restrict(lab, plotly)
  },
  { files: ['src/ui/chart.ts'], rules: restrict(lab) },
  // saved.ts is loaded on demand: only behind it may Lab's side reach the dashboard and, through it, Plotly
  { files: ['src/lab/**/*.ts'], ignores: ['src/lab/saved.ts'], rules: restrict(plotly, lazy) },
  { files: ['src/lab/saved.ts'], rules: restrict(plotly) },
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
