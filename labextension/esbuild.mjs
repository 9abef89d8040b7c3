// Builds door 1: one ESM file and one CSS file that anywidget serves from the Python package, with Plotly inside (no CDN).
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import withoutGlobal from './private_plotly.cjs';

const here = path => fileURLToPath(new URL(path, import.meta.url));

const keepPlotlyPrivate = {
  name: 'keep-plotly-private',
  setup(bundle) {
    bundle.onLoad({ filter: /plotly-cartesian\.min\.js$/ }, async ({ path }) => ({
      contents: withoutGlobal(await readFile(path, 'utf8')),
      loader: 'js'
    }));
  }
};

const result = await build({
  entryPoints: { widget: here('src/widget.ts') },
  outdir: here('../jupyter_tune/static'),
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  legalComments: 'none',
  banner: { js: '/* jupyter_tune dashboard, BSD-3-Clause; contains plotly.js, MIT, Copyright Plotly, Inc. */' },
  plugins: [keepPlotlyPrivate],
  metafile: true
});

for (const [file, { bytes }] of Object.entries(result.metafile.outputs))
  console.log(`${file}  ${(bytes / 1024).toFixed(0)} kB`);
