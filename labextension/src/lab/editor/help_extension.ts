/** The help in the editor of one %%tune cell: marks, tooltips and the line above the text. Loaded on demand. */
import type { Extension } from '@codemirror/state';
import type { Surroundings } from './help';
import { hover } from './hover';
import { lens } from './lens';
import { unknownOptions } from './unknown_options';

export function helpExtension(surroundings: Surroundings): Extension {
  return [unknownOptions, hover, lens(surroundings)];
}
