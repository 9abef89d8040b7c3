/**
 * How the two doors speak, which share a page and no module: by events on the dashboard's host.
 *
 *     KEEP      door 2 -> door 1    asks for what the notebook should hold; the answer is in the event when it returns
 *     CHANGED   door 1 -> door 2    the study's state, best or picture has changed: the notebook should hold it
 *     SILENT    door 1 -> door 2    nothing has come from the kernel lately: perhaps it is another one by now
 *     LOOKS     door 2 -> dashboard    asks for the user's choices (tab, order, tag, trial), or sets them
 *
 * And with the editor of the cell, live or saved:
 *
 *     ASK       editor -> dashboard    asks for the study that it shows; the answer is in the event when it returns
 *     STEER     editor -> dashboard    asks the study for narrower ranges, as the dashboard's own sliders do
 *     STUDY     dashboard -> editor    what ASK answers may have changed, or there is nothing more to ask
 *     WRITE     dashboard -> cell      asks for what the study has found to be written into the cell, or whether it can be
 */
import {
  hasEnded,
  type BestTrial,
  type Cell,
  type Parameter,
  type Picture,
  type Range,
  type StudyState
} from './wire/protocol';
import { SAVED_MIME, savedFrom } from './wire/saved';
import type { Store } from './wire/store';
import { PARAMETER_PREFIX } from './wire/tables';

export const KEEP = 'jupyter-tune:keep';
export const CHANGED = 'jupyter-tune:changed';
export const SILENT = 'jupyter-tune:silent';
const LOOKS = 'jupyter-tune:looks';
const ASK = 'jupyter-tune:ask';
const STEER = 'jupyter-tune:steer';
const STUDY = 'jupyter-tune:study';
const WRITE = 'jupyter-tune:write';

/** What a dashboard draws itself in, in the element of either door. */
const DASHBOARD = '.jt-dashboard';

/** Milliseconds between two STUDY events of a dashboard. */
const STUDY_MS = 250;

/** A kernel sends something every second. Before the page says that it is silent, it is asked whether it has the study. */
const DOUBT_S = 2;
const LOOK_MS = 500;

/** An output by mime type; what is under SAVED_MIME lacks the id of the widget. */
export type Kept = Readonly<Record<string, unknown>>;

type KeepEvent = CustomEvent<{ kept: Kept | null }>;

/** The kernel's picture of the study, and its changes. */
export interface PictureSource {
  readonly picture: () => Picture;
  readonly onPicture: (callback: () => void) => () => void;
}

/** Asks the dashboard that `root` is or lies in; null if there is none. */
export function askToKeep(root: Element): Kept | null {
  const event: KeepEvent = new CustomEvent(KEEP, { bubbles: true, detail: { kept: null } });
  root.dispatchEvent(event);
  return event.detail.kept;
}

/** Answers for the dashboard in `host`, and says when there is something new to keep; returns the cleanup. */
export function offerToKeep(host: HTMLElement, store: Store, { picture, onPicture }: PictureSource): () => void {
  const answer = (event: Event): void => {
    (event as KeepEvent).detail.kept = keptOf(store, picture(), Date.now() / 1000);
  };
  let told = '';
  const tell = (): void => {
    const { state, best } = store.tables.status;
    const news = JSON.stringify([state, best?.number, SAVED_MIME in picture()]);
    if (news === told) return;
    told = news;
    host.dispatchEvent(new CustomEvent(CHANGED, { bubbles: true }));
  };
  const doubt = setInterval(() => {
    if (hasEnded(store.tables.status.state) || store.unheard_s < DOUBT_S) return;
    host.dispatchEvent(new CustomEvent(SILENT, { bubbles: true }));
  }, LOOK_MS);
  host.addEventListener(KEEP, answer);
  const stops = [store.subscribe(tell), onPicture(tell)];
  tell();
  return () => {
    clearInterval(doubt);
    host.removeEventListener(KEEP, answer);
    for (const stop of stops) stop();
  };
}

/** The picture of the study's end brings the dashboard with it; until then that is what the store knows. */
function keptOf(store: Store, picture: Picture, now_s: number): Kept {
  const drawn = picture[SAVED_MIME];
  const dashboard = typeof drawn === 'object' && drawn !== null ? drawn : savedFrom(store);
  return { ...picture, [SAVED_MIME]: { ...dashboard, ways: store.ways, saved_at: now_s } };
}

/** The order of the table of trials. */
export interface Sorting {
  /** Of a column. */
  readonly key: string;
  readonly descending: boolean;
}

/** What a user has chosen in a dashboard. */
export interface Looks {
  /** The number of a trial. */
  readonly selected: number | null;
  /** The tab of the card with views. */
  readonly view: string | null;
  /** Of the table of trials; null: the best first. */
  readonly sorting: Sorting | null;
  /** The tag whose trials the table shows; empty: all. */
  readonly tag: string;
}

type LooksEvent = CustomEvent<{ looks: Looks | null; readonly shown: Looks | null }>;

/** The choices in this dashboard, for the one that replaces it. */
export function askLooks(dashboard: Element): Looks | null {
  const event: LooksEvent = new CustomEvent(LOOKS, { detail: { looks: null, shown: null } });
  dashboard.dispatchEvent(event);
  return event.detail.looks;
}

export function showLooks(dashboard: Element, looks: Looks): void {
  dashboard.dispatchEvent(new CustomEvent(LOOKS, { detail: { looks: null, shown: looks } }) satisfies LooksEvent);
}

/** Answers for the dashboard that `root` is. */
export function offerLooks(root: HTMLElement, looks: () => Looks, show: (looks: Looks) => void): void {
  root.addEventListener(LOOKS, event => {
    const { detail } = event as LooksEvent;
    detail.looks = looks();
    if (detail.shown) show(detail.shown);
  });
}

/** What a cell's editor shows of the study in the cell's output. */
export interface StudyFacts {
  readonly name: string;
  readonly state: StudyState;
  /** Whether it can be steered: it runs, and its kernel is there. */
  readonly isLive: boolean;
  readonly metric: string;
  readonly direction: 'maximize' | 'minimize';
  /** As they were declared when the study began. */
  readonly parameters: readonly Parameter[];
  /** Where new trials are suggested now, by parameter. */
  readonly ranges: Readonly<Record<string, Range>>;
  readonly best: BestTrial | null;
  /** The ranges around the best trials; empty before there are enough of them. */
  readonly aroundBest: Readonly<Record<string, Range>>;
  /** The values of the trials that the page knows, by parameter; a large study sends a part of them. */
  readonly tried: Readonly<Record<string, readonly Cell[]>>;
}

type AskEvent = CustomEvent<{ study: StudyFacts | null }>;
type SteerEvent = CustomEvent<{ readonly ranges: Readonly<Record<string, Range>>; isSent: boolean }>;

/** The study of the dashboard in `root`, of several the one that can be steered; null if there is none. */
export function askStudy(root: Element): StudyFacts | null {
  const studies = Array.from(root.querySelectorAll(DASHBOARD), ask).filter(study => study !== null);
  return studies.find(({ isLive }) => isLive) ?? studies.at(-1) ?? null;
}

function ask(dashboard: Element): StudyFacts | null {
  const event: AskEvent = new CustomEvent(ASK, { bubbles: true, detail: { study: null } });
  dashboard.dispatchEvent(event);
  return event.detail.study;
}

/**
 * Calls back when the study of a dashboard on the page has changed, at most four times a second, and without a dashboard when
 * one has left the page; returns the cleanup.
 */
export function onStudy(callback: (dashboard: Element | null) => void): () => void {
  const listen = ({ target }: Event): void => {
    callback(target instanceof Element ? target : null);
  };
  document.addEventListener(STUDY, listen);
  return () => {
    document.removeEventListener(STUDY, listen);
  };
}

/** Asks the live study in `root` for these ranges; false if there is none. */
export function steer(root: Element, ranges: Readonly<Record<string, Range>>): boolean {
  return Array.from(root.querySelectorAll(DASHBOARD)).some(dashboard => {
    const event: SteerEvent = new CustomEvent(STEER, { bubbles: true, detail: { ranges, isSent: false } });
    dashboard.dispatchEvent(event);
    return event.detail.isSent;
  });
}

/** Answers for the study whose dashboard is in `host`, and says when it changes; returns the cleanup. */
export function offerStudy(host: HTMLElement, store: Store): () => void {
  const answer = (event: Event): void => {
    // a dashboard may lie within another one's element
    (event as AskEvent).detail.study ??= factsOf(store);
  };
  const obey = (event: Event): void => {
    const { detail } = event as SteerEvent;
    if (!store.steerable) return;
    const { ranges } = store.tables.status;
    const was = Object.fromEntries(
      Object.keys(detail.ranges).flatMap(name => (ranges[name] ? [[name, ranges[name]]] : []))
    );
    store.send({ type: 'narrow', ranges: detail.ranges, was });
    detail.isSent = true;
  };
  const tell = (): void => {
    // an output that is cleared takes its elements away before what is in them
    (host.isConnected ? host : document).dispatchEvent(new CustomEvent(STUDY, { bubbles: true }));
  };
  let due: ReturnType<typeof setTimeout> | undefined;
  const stop = store.subscribe(() => {
    due ??= setTimeout(() => {
      due = undefined;
      tell();
    }, STUDY_MS);
  });
  host.addEventListener(ASK, answer);
  host.addEventListener(STEER, obey);
  tell();
  return () => {
    stop();
    clearTimeout(due);
    host.removeEventListener(ASK, answer);
    host.removeEventListener(STEER, obey);
    tell();
  };
}

/** What of a study can be written into its cell: the best values as defaults, or ranges around the best trials. */
export type Writing = 'best' | 'ranges';

type WriteEvent = CustomEvent<{ readonly what: Writing | null; words: string | null }>;

/** Whether what the study has found can be written into the cell whose output `part`, of a dashboard, lies in. */
export function canWrite(part: Element): boolean {
  return askToWrite(part, null) !== null;
}

/** Writes it; what was written, in words, or null where nothing can be. */
export function write(part: Element, what: Writing): string | null {
  return askToWrite(part, what);
}

function askToWrite(part: Element, what: Writing | null): string | null {
  const event: WriteEvent = new CustomEvent(WRITE, { bubbles: true, detail: { what, words: null } });
  part.dispatchEvent(event);
  return event.detail.words;
}

/** Who writes into the cells of a page. */
export interface Writer {
  /** Whether the cell that this dashboard lies in can be written. */
  readonly canWrite: (dashboard: Element) => boolean;
  /** Writes, and says what; null if the cell cannot be written. */
  readonly write: (dashboard: Element, study: StudyFacts, what: Writing) => string | null;
}

/** Has `writer` write what dashboards in `root` ask for; returns the cleanup. */
export function offerToWrite(root: EventTarget, writer: Writer): () => void {
  const obey = (event: Event): void => {
    const { detail, target } = event as WriteEvent;
    const dashboard = target instanceof Element ? target.closest(DASHBOARD) : null;
    if (!dashboard) return;
    if (detail.what === null) detail.words = writer.canWrite(dashboard) ? '' : null;
    else {
      const study = ask(dashboard);
      if (study) detail.words = writer.write(dashboard, study, detail.what);
    }
  };
  root.addEventListener(WRITE, obey);
  return () => {
    root.removeEventListener(WRITE, obey);
  };
}

function factsOf(store: Store): StudyFacts {
  const { parameters, steerable, tables } = store;
  const { name, state, metric, direction, ranges, best, around_best = {} } = tables.status;
  const tried = parameters.map(parameter => {
    const column = tables.trials[PARAMETER_PREFIX + parameter.name] ?? [];
    // of a choice None is a value, of a number it is a trial without one
    const values = parameter.kind === 'categorical' ? column : column.filter(value => value !== null);
    return [parameter.name, values] as const;
  });
  return {
    name,
    state,
    isLive: steerable,
    metric,
    direction,
    parameters,
    ranges,
    best,
    aroundBest: around_best,
    tried: Object.fromEntries(tried)
  };
}
