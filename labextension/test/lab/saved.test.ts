import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SAVED_MIME, savedFrom } from '../../src/wire/saved';
import { Store, type Kernel } from '../../src/wire/store';
import mime from '../../src/lab/mime';
import { mountSaved } from '../../src/lab/saved';
import { parameters, snapshot, status, templates } from '../fixtures';
import { byId, text } from '../ui/open_part';

vi.mock('../../style/dashboard.css', () => ({}));
vi.mock('@lumino/widgets', () => ({
  Widget: class {
    readonly node = document.createElement('div');
    isDisposed = false;
    dispose(): void {
      this.isDisposed = true;
    }
  }
}));
vi.mock('../../src/ui/charts/chart', () => import('../ui/fake_chart'));

const ended = { ...snapshot, status: { ...status, state: 'ended' as const } };
const saved = { version: 1, parameters, templates, tables: ended };
let host: HTMLElement;

beforeEach(() => {
  host = document.createElement('div');
  document.body.replaceChildren(host);
});
afterEach(() => {
  vi.useRealTimers();
});

/** With the keys of every object in alphabetical order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, sorted(v)])
  );
}

describe('a saved dashboard', () => {
  it('shows the study, its trials and their errors, and says that it is saved', () => {
    const unmount = mountSaved(host, saved);
    expect(text(host, 'best-value')).toBe('0.9');
    expect(host.querySelector('header')?.textContent).toContain('saved view');
    byId(host, 'trial-2').click();
    expect(text(host, 'log')).toContain('ValueError: boom');
    expect(host.querySelector<HTMLElement>('.jt-log-text')?.hidden).toBe(true);
    unmount();
    expect(host.childElementCount).toBe(0);
  });

  it('offers nothing that would be sent', () => {
    const unmount = mountSaved(host, { ...saved, tables: snapshot });
    byId(host, 'trial-3').click();
    for (const id of ['pause', 'stop', 'undo', 'budget-trials', 'prune', 'run-again', 'add-trial', 'select-x']) {
      expect(byId(host, id).closest('.jt-sends'), id).not.toBeNull();
    }
    expect(byId(host, 'jupyter-tune-dashboard').classList.contains('jt-saved')).toBe(true);
    expect(byId(host, 'range-lr-low').getAttribute('aria-disabled')).toBe('true');
    expect((byId(host, 'chip-act-relu') as HTMLButtonElement).disabled).toBe(true);
    unmount();
  });

  it('shows the parameters as they were declared, whatever order the notebook was written in', () => {
    const unmount = mountSaved(host, sorted({ ...saved, tables: snapshot }));
    const heads = Array.from(host.querySelectorAll('th'), head => head.textContent.replace(/[^a-z]/g, ''));
    const declared = parameters.map(({ name }) => name);
    const names = declared.filter(name => heads.includes(name));
    expect(names).not.toEqual(names.toSorted());
    expect(heads.filter(head => names.includes(head))).toEqual(names);
    const best = Array.from(byId(host, 'best-params').querySelectorAll('.jt-param-name'), name => name.textContent);
    expect(best).toEqual(declared.filter(name => best.includes(name)));
    unmount();
  });

  it('that had not ended is interrupted, and says when it was saved and how to go on', () => {
    const ways = { load: '%load_ext jupyter_tune', show: '%tune show mnist', resume: '%tune resume mnist' };
    const unmount = mountSaved(host, { ...saved, tables: snapshot, ways, saved_at: 1.8e9 });
    expect(text(host, 'state')).toBe('interrupted');
    expect(text(host, 'ways')).toMatch(/Interrupted: the kernel that ran this study has ended.*as of .*2027/);
    expect(text(host, 'resume-line')).toBe(ways.resume);
    expect(text(host, 'show-line')).toBe(ways.show);
    expect(text(host, 'ways-note')).toContain('It ran when this was saved');
    expect(byId(host, 'show-here').hidden).toBe(true);
    expect(byId(host, 'resume').hidden).toBe(true);
    unmount();
  });

  it('that no cell has started says which call goes on with it, also where a click shows it', () => {
    const again = "jt.tune(train, …, name='mnist', resume=True)";
    const ways = { load: '%load_ext jupyter_tune', show: '%tune show mnist', again };
    const data = { ...saved, tables: snapshot, ways };
    const unmount = mountSaved(host, data, { bring: () => Promise.resolve() });
    expect(text(host, 'again-line')).toBe(again);
    expect(byId(host, 'resume').hidden).toBe(true);
    expect(byId(host, 'show-here').hidden).toBe(false);
    unmount();
  });

  it('that has ended stays ended, and says how to see it again', () => {
    const unmount = mountSaved(host, { ...saved, ways: { show: '%tune show mnist', resume: '%tune resume mnist' } });
    expect(text(host, 'state')).toBe('ended');
    expect(text(host, 'show-line')).toBe('%tune show mnist');
    expect(byId(host, 'resume-line').closest<HTMLElement>('.jt-ways-line')?.hidden).toBe(true);
    unmount();
  });

  it('waits for a kernel that does not answer yet without calling the study interrupted', () => {
    const unmount = mountSaved(host, { ...saved, tables: snapshot }, { absence: 'connecting' });
    expect(text(host, 'state')).toBe('running');
    expect(text(host, 'ways')).toContain('Connecting to the kernel');
    unmount();
  });

  it('is shown as it is now, or goes on, by a click, where a cell can do that', async () => {
    const bring = vi.fn(() => Promise.resolve());
    const ways = { show: '%tune show mnist', resume: '%tune resume mnist' };
    const unmount = mountSaved(host, { ...saved, tables: snapshot, ways }, { bring });
    const [show, resume] = [byId(host, 'show-here'), byId(host, 'resume')] as HTMLButtonElement[];
    show?.click();
    expect(show?.disabled).toBe(true);
    resume?.click();
    expect(bring.mock.calls).toEqual([['show'], ['resume']]);
    await vi.waitUntil(() => show?.disabled === false);
    expect(byId(host, 'resume-line').closest<HTMLElement>('.jt-ways-line')?.hidden).toBe(true);
    unmount();
  });

  it('has every curve to its last point, and no more points than can be told apart', () => {
    const trials = [0, 1, 2].flatMap(number => Array.from({ length: 10_001 }, (_, step) => ({ number, step })));
    const points = {
      number: trials.map(({ number }) => number),
      step: trials.map(({ step }) => step),
      value: trials.map(({ step }) => step / 3)
    };
    const kernel: Kernel = {
      parameters: () => parameters,
      templates: () => templates,
      snapshot: () => ({ ...snapshot, points }),
      send: () => undefined,
      listen: () => () => undefined
    };
    const { points: kept } = savedFrom(new Store(kernel)).tables;
    const steps = kept.step as number[];
    expect(steps.length).toBeLessThan(8100);
    expect(steps.filter(step => step === 0)).toHaveLength(3);
    expect(steps.filter(step => step === 10_000)).toHaveLength(3);
    expect((kept.value as number[])[1]).toBe(Number(((steps[1] ?? NaN) / 3).toPrecision(6)));
  });

  it('stands still, also when it was saved while the study ran', () => {
    vi.useFakeTimers();
    const unmount = mountSaved(host, { ...saved, tables: snapshot });
    vi.advanceTimersByTime(60_000);
    expect(host.querySelector('header')?.textContent).toContain('1 min 20 s');
    unmount();
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    [null, 'dashboard is no object'],
    [{ ...saved, version: 2 }, 'saved in format 2'],
    [{ ...saved, parameters: '<img src=x>' }, 'parameters are no list'],
    [{ ...saved, tables: { ...ended, status: { ...status, counts: null } } }, 'tables.status.counts is no object']
  ])('that cannot be read says why, in text: %#', (data, words) => {
    mountSaved(host, data);
    expect(host.textContent).toContain(words);
    expect(host.querySelector('img')).toBeNull();
  });

  it('that breaks while it is drawn says so and leaves nothing behind', () => {
    vi.useFakeTimers();
    mountSaved(host, { ...saved, tables: { ...ended, status: { ...ended.status, errors: 'none' } } });
    expect(host.textContent).toContain('not a function');
    expect(host.childElementCount).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the mime renderer', () => {
  it('is preferred to html, whose rank is 50, also in notebooks that are not trusted', () => {
    expect(mime.rendererFactory).toMatchObject({ safe: true, mimeTypes: [SAVED_MIME] });
    expect(mime.rendererFactory.defaultRank).toBeLessThan(50);
  });

  it('draws what its model holds, anew when that changes, and leaves nothing behind', async () => {
    type Factory = typeof mime.rendererFactory;
    const renderer = mime.rendererFactory.createRenderer({} as Parameters<Factory['createRenderer']>[0]);
    const model = (data: unknown): Parameters<typeof renderer.renderModel>[0] =>
      ({ data: { [SAVED_MIME]: data } }) as unknown as Parameters<typeof renderer.renderModel>[0];
    await renderer.renderModel(model(saved));
    await renderer.renderModel(model({ ...saved, tables: { ...ended, status: { ...ended.status, name: 'again' } } }));
    expect(renderer.node.childElementCount).toBe(1);
    expect(renderer.node.textContent).toContain('again');
    renderer.dispose();
    expect(renderer.node.childElementCount).toBe(0);
  });
});
