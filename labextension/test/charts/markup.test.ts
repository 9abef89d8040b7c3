import { describe, expect, it } from 'vitest';
import { cellAsText } from '../../src/charts/markup';
import { fromSnapshot } from '../../src/wire/tables';
import { fill, inputsOf } from '../../src/charts/template';
import { snapshot, status } from '../fixtures';

const evil = '<img src=x onerror=alert(1)>';
const harmless = '&lt;img src=x onerror=alert(1)&gt;';

describe('cellAsText', () => {
  it('escapes what Plotly would read as markup in every string of the data, not in the template', () => {
    const trials = { number: [0], state: ['failed'], error: [`R&D <b>bold</b>`], 'p:act': [evil] };
    const tables = fromSnapshot({ ...snapshot, trials, status: { ...status, metric: evil } });
    const template = {
      x: { $column: 'trials.p:act' },
      text: { $column: 'trials.error' },
      title: { $status: 'metric' },
      hover: { $hover: ['act'] },
      hovertemplate: '%{x}<br><b>%{y}</b>'
    };
    expect(fill(template, tables, cellAsText)).toEqual({
      x: [harmless],
      text: ['R&amp;D &lt;b&gt;bold&lt;/b&gt;'],
      title: harmless,
      hover: [`act: ${harmless}`],
      hovertemplate: '%{x}<br><b>%{y}</b>'
    });
  });
});

describe('inputsOf', () => {
  it('changes when what the template shows changes, and only then', () => {
    const template = {
      x: { $column: 'points.step' },
      y: { $sorted: { $column: 'trials.start_s', until: 'status.elapsed_s' } }
    };
    const tables = fromSnapshot(snapshot);
    const later = { ...tables, status: { ...status, elapsed_s: 81 } };
    expect(inputsOf(template, { ...tables, landscape: null, events: {} })).toEqual(inputsOf(template, tables));
    expect(inputsOf(template, later)).not.toEqual(inputsOf(template, tables));
    const points = { ...tables.points };
    expect(
      inputsOf(template, { ...tables, points }).every((input, at) => input === inputsOf(template, tables)[at])
    ).toBe(false);
  });
});
