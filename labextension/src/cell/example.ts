/** A small search that runs wherever this package does. tests/notebook/test_example.py runs it. */
import example from './example.json';

export interface ExampleCell {
  readonly kind: string;
  readonly source: string;
}

export const EXAMPLE: readonly ExampleCell[] = example.cells.map(({ kind, source }) => ({
  kind,
  source: source.join('\n')
}));
