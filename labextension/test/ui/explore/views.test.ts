import { describe, expect, it } from 'vitest';
import { KINDS, viewsOf } from '../../../src/ui/explore/views';
import type { ChartTab, Templates } from '../../../src/wire/protocol';
import { templates } from '../../fixtures';

const tab: ChartTab = { id: 'own', label: 'Own', title: 'A chart', of: 'times', option: [], at: 0 };
const one = (meta: object): Templates => ({ own: { data: [], layout: { meta } } });

describe('views', () => {
  it('stand as their charts say, whatever order these came in', () => {
    const views = viewsOf(templates);
    expect(views.map(({ id }) => id)).toEqual(['landscape', 'slices', 'contour', 'timeline', 'distribution']);
    expect(views[1]?.charts).toEqual(['slice_x', 'slice_y']);
    expect(views[0]?.options.map(({ label }) => label)).toEqual(['Mean', 'Acquisition', 'Uncertainty']);
    expect(views[1]?.options).toEqual([]);
  });

  it('have what goes with the data of their charts', () => {
    const [view] = viewsOf(one({ tab, parameters: ['lr'] }));
    expect(view).toMatchObject({ label: 'Own', title: 'A chart', missing: KINDS.times?.missing, ofParameters: true });
    expect(viewsOf(one({ tab: { ...tab, of: 'model' } }))[0]).toMatchObject({
      axes: 'and others',
      ofParameters: false
    });
  });

  it('of a kind that a later kernel knows are shown like results', () => {
    expect(viewsOf(one({ tab: { ...tab, of: 'stars' } }))[0]?.missing).toBe(KINDS.results?.missing);
  });

  it('of a study that was saved without places are one for each chart that has no card', () => {
    const old = Object.fromEntries(Object.entries(templates).map(([name, { data }]) => [name, { data, layout: {} }]));
    const views = viewsOf(old);
    expect(views.map(({ id }) => id)).toEqual(
      Object.keys(templates).filter(name => name !== 'history' && name !== 'curves')
    );
    expect(views.find(({ id }) => id === 'slice_x')).toMatchObject({ label: 'Slice x', charts: ['slice_x'] });
  });
});
