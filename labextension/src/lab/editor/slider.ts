/**
 * A slider with two thumbs in the text of a cell, for one declared range of numbers.
 *
 * Laws: while a thumb is held, nothing from outside moves it; a hand previews what it moves and commits it once, when it
 * lets go or, of keys, pauses. The track stays where it is while a hand holds it, though the numbers before it change
 * their width.
 */
import { formatNumber } from '../../params/format';
import { scaleOf } from '../../params/scale';
import { trackOf, type Bounds, type Track } from '../../params/track';
import type { Parameter } from '../../wire/protocol';
import type { StudyFacts } from '../../doors';
import { element, setAttribute } from '../../ui/page/dom';
import { isNarrowed, sameRange, type Control, type Hand } from './control';

const SIDES = [0, 1] as const;
type Side = (typeof SIDES)[number];

/** Keys pressed in quick succession are one change. */
const KEY_PAUSE_MS = 400;
/** Shares of the track. */
const KEYS: Readonly<Record<string, number>> = {
  ArrowLeft: -0.01,
  ArrowDown: -0.01,
  ArrowRight: 0.01,
  ArrowUp: 0.01,
  PageDown: -0.1,
  PageUp: 0.1,
  Home: -Infinity,
  End: Infinity
};
/** More ticks than this cannot be told apart on so short a track. */
const MOST_TICKS = 100;

export function createSlider(parameter: Parameter, hand: Hand<Bounds>): Control {
  const { name } = parameter;
  let shown = parameter;
  let track: Track = trackOf(parameter);
  let bounds = boundsOf(parameter);
  let study: StudyFacts | null = null;
  let isHeld = false;

  const fill = element('span', { class: 'jt-source-fill' });
  const band = element('span', { class: 'jt-source-band', 'aria-hidden': 'true' });
  const ticks = element('span', { class: 'jt-source-ticks', 'aria-hidden': 'true' });
  const star = element('span', { class: 'jt-source-star', 'aria-hidden': 'true' }, '★');
  const thumbs = [createThumb(name, 0), createThumb(name, 1)] as const;
  const rail = element('span', { class: 'jt-source-rail' }, fill, band, ticks, star, ...thumbs);
  const node = element('span', { class: 'jt-source-slider', role: 'group', testid: `source-${name}` }, rail);

  const draw = (): void => {
    const places = [track.position(bounds[0]), track.position(bounds[1])] as const;
    fill.style.left = percent(places[0]);
    fill.style.right = percent(1 - places[1]);
    for (const side of SIDES) {
      const thumb = thumbs[side];
      thumb.style.left = percent(places[side]);
      setAttribute(thumb, 'aria-valuemin', String(side === 0 ? track.low : bounds[0]));
      setAttribute(thumb, 'aria-valuemax', String(side === 0 ? bounds[1] : track.high));
      setAttribute(thumb, 'aria-valuenow', String(bounds[side]));
      setAttribute(thumb, 'aria-valuetext', formatNumber(bounds[side]));
    }
    // two thumbs on one spot: the one that can still move lies on top
    thumbs[0].classList.toggle('jt-source-top', places[0] > 0.5);
  };
  const drawStudy = (): void => {
    const place = (value: unknown): number | null =>
      typeof value === 'number' && value >= track.low && value <= track.high ? track.position(value) : null;
    const tried = new Set((study?.tried[name] ?? []).flatMap(value => place(value) ?? []));
    ticks.replaceChildren(
      ...[...tried]
        .slice(-MOST_TICKS)
        .map(at => element('span', { class: 'jt-source-tick', style: `left:${percent(at)}` }))
    );
    const best = study?.best?.params[name];
    const at = place(best);
    star.hidden = at === null;
    if (at !== null) star.style.left = percent(at);
    const range = study?.isLive ? study.ranges[name] : undefined;
    const narrowed = range && isNarrowed(study, name) && !sameRange(range, bounds) ? range : null;
    band.hidden = narrowed === null;
    if (narrowed) {
      band.style.left = percent(track.position(Number(narrowed[0])));
      band.style.right = percent(1 - track.position(Number(narrowed[1])));
    }
    const words = [
      `Range of ${name}`,
      ...(typeof best === 'number' ? [`best so far ${formatNumber(best)}`] : []),
      ...(narrowed ? [`the study now searches ${narrowed.map(end => formatNumber(Number(end))).join(' to ')}`] : [])
    ];
    setAttribute(node, 'aria-label', words.join(', '));
    setAttribute(rail, 'title', words.slice(1).join('; '));
  };
  const drawAll = (): void => {
    draw();
    drawStudy();
  };
  const moveTo = (side: Side, value: number): void => {
    const [low, high] = bounds;
    const next: Bounds = side === 0 ? [Math.min(value, high), high] : [low, Math.max(value, low)];
    if (sameRange(next, bounds)) return;
    bounds = next;
    draw();
    hand.preview(bounds);
  };
  const settle = (): void => {
    isHeld = false;
    track = trackOf(shown);
    bounds = boundsOf(shown);
    drawAll();
  };
  /** The hand lets go of what it moved. */
  const letGo = (before: Bounds): void => {
    isHeld = false;
    if (sameRange(bounds, before)) hand.cancel();
    else hand.commit(bounds);
    settle();
  };

  let beforeKeys: Bounds | null = null;
  let pause: ReturnType<typeof setTimeout> | undefined;
  const endKeys = (): void => {
    clearTimeout(pause);
    if (!beforeKeys) return;
    const before = beforeKeys;
    beforeKeys = null;
    letGo(before);
  };
  const takeKeys = (side: Side): void => {
    const thumb = thumbs[side];
    thumb.addEventListener('keydown', event => {
      if (event.key === 'Escape') {
        if (beforeKeys) {
          clearTimeout(pause);
          beforeKeys = null;
          hand.cancel();
          settle();
        } else hand.leave();
        event.preventDefault();
        return;
      }
      const share = KEYS[event.key];
      if (share === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      clearTimeout(pause);
      beforeKeys ??= bounds;
      isHeld = true;
      moveTo(side, track.move(bounds[side], share));
    });
    thumb.addEventListener('keyup', event => {
      if (!beforeKeys || !(event.key in KEYS)) return;
      clearTimeout(pause);
      pause = setTimeout(endKeys, KEY_PAUSE_MS);
    });
    thumb.addEventListener('blur', endKeys);
  };
  for (const side of SIDES) takeKeys(side);

  rail.addEventListener('pointerdown', event => {
    if (event.button !== 0) return;
    endKeys();
    if (isHeld) return; // by another finger
    event.preventDefault();
    const { left, width } = rail.getBoundingClientRect();
    const placeOf = ({ clientX }: PointerEvent): number => (width > 0 ? (clientX - left) / width : 0);
    const side = nearer(placeOf(event), track.position(bounds[0]), track.position(bounds[1]));
    const before = bounds;
    // a thumb that is taken beside its middle does not jump there
    const grip = event.target === thumbs[side] ? placeOf(event) - track.position(bounds[side]) : 0;
    isHeld = true;
    thumbs[side].focus({ preventScroll: true });
    rail.setPointerCapture(event.pointerId);
    const drag = new AbortController();
    const follow = (moved: PointerEvent): void => {
      moveTo(side, track.aimed(placeOf(moved) - grip));
      // the numbers before the slider are wider or narrower now
      node.style.transform = '';
      const drift = rail.getBoundingClientRect().left - left;
      if (Math.abs(drift) >= 1) node.style.transform = `translateX(${-drift}px)`;
    };
    const finish = ({ type }: { readonly type: string }): void => {
      drag.abort();
      node.style.transform = '';
      if (type !== 'pointerup') bounds = before;
      letGo(before);
    };
    const escape = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      finish({ type: 'pointercancel' });
    };
    if (grip === 0) follow(event);
    const options = { signal: drag.signal };
    rail.addEventListener('pointermove', follow, options);
    rail.addEventListener('pointerup', finish, options);
    rail.addEventListener('pointercancel', finish, options);
    rail.addEventListener('keydown', escape, { ...options, capture: true });
  });

  drawAll();
  return {
    node,
    show(next) {
      shown = next;
      if (!isHeld) settle();
    },
    showStudy(facts) {
      study = facts;
      drawStudy();
    },
    dispose() {
      clearTimeout(pause);
      if (isHeld) hand.cancel();
    }
  };
}

/** Whether the study, if it runs, can be asked for all of this range; of numbers the part that it can be asked for. */
export function within(declared: Parameter, [low, high]: Bounds): Bounds | null {
  const scale = scaleOf(declared);
  const inside: Bounds = [Math.max(low, scale.low), Math.min(high, scale.high)];
  return inside[0] <= inside[1] ? inside : null;
}

function boundsOf({ low, high }: Parameter): Bounds {
  return [low ?? 0, high ?? 1];
}

function createThumb(name: string, side: Side): HTMLElement {
  return element('span', {
    class: 'jt-source-thumb',
    testid: `source-${name}-${side === 0 ? 'low' : 'high'}`,
    role: 'slider',
    tabindex: '0',
    'aria-label': `${name}, ${side === 0 ? 'lower' : 'upper'} end of the range`,
    'aria-orientation': 'horizontal',
    'data-lm-suppress-shortcuts': 'true'
  });
}

/** Which thumb a place on the track is for; of two on one spot the one that can go there. */
function nearer(place: number, low: number, high: number): Side {
  if (low === high) return place < low || low >= 1 ? 0 : 1;
  return Math.abs(place - low) < Math.abs(place - high) ? 0 : 1;
}

function percent(share: number): string {
  return `${100 * share}%`;
}
