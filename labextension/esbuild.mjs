// Builds door 1: one ESM file and one CSS file that anywidget serves from the Python package, with Plotly inside (no CDN).
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import inParts from './plotly_in_parts.cjs';

const here = path => fileURLToPath(new URL(path, import.meta.url));

const plotlyInParts = {
  name: 'plotly-in-parts',
  setup(bundle) {
    bundle.onLoad({ filter: /plotly-cartesian\.min\.js$/ }, async ({ path }) => ({
      contents: inParts(await readFile(path, 'utf8')),
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
  plugins: [plotlyInParts],
  metafile: true
});

for (const [file, { bytes }] of Object.entries(result.metafile.outputs))
  console.log(`${file}  ${(bytes / 1024).toFixed(0)} kB`);
