/**
 * A slider with two thumbs in the text of a cell, for one declared range of numbers.
 *
 * Laws: while a thumb is held, nothing from outside moves it; a hand previews what it moves and commits it once, when it
 * lets go or, of keys, pauses. The track stays where it is while a hand holds it, though the numbers before it change
 * their width.
 */
import { formatNumber } from '../../params/format';
import { limits, scaleOf } from '../../params/scale';
import { trackOf, type Bounds, type Track } from '../../params/track';
import type { Parameter } from '../../wire/protocol';
import type { StudyFacts } from '../../doors';
import { element, setAttribute } from '../../ui/page/dom';
import { sameItems } from '../../ui/page/same';
import { createThumbs, drawThumbs, HIGH, LOW, moved, nearer, percent, takeKeys, type Side } from '../../ui/page/thumbs';
import { isNarrowed, type Control, type Hand } from './control';

/** More ticks than this cannot be told apart on so short a track. */
const MOST_TICKS = 100;

export function createSlider(parameter: Parameter, hand: Hand<Bounds>): Control {
  const { name } = parameter;
  let shown = parameter;
  let track: Track = trackOf(parameter);
  let bounds = limits(parameter);
  let study: StudyFacts | null = null;
  let isHeld = false;

  const fill = element('span', { class: 'jt-source-fill' });
  const band = element('span', { class: 'jt-source-band', 'aria-hidden': 'true' });
  const ticks = element('span', { class: 'jt-source-ticks', 'aria-hidden': 'true' });
  const star = element('span', { class: 'jt-source-star', 'aria-hidden': 'true' }, '★');
  const thumbs = createThumbs('span', name, 'source', {
    class: 'jt-source-thumb',
    'data-lm-suppress-shortcuts': 'true'
  });
  const rail = element('span', { class: 'jt-source-rail' }, fill, band, ticks, star, ...thumbs);
  const node = element('span', { class: 'jt-source-slider', role: 'group', testid: `source-${name}` }, rail);

  const draw = (): void => {
    drawThumbs(thumbs, fill, bounds, track, 'jt-source-top');
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
    const narrowed = range && isNarrowed(study, name) && !sameItems(range, bounds) ? range : null;
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
    const next = moved(bounds, side, value);
    if (sameItems(next, bounds)) return;
    bounds = next;
    draw();
    hand.preview(bounds);
  };
  const settle = (): void => {
    isHeld = false;
    track = trackOf(shown);
    bounds = limits(shown);
    drawAll();
  };
  /** The hand lets go of what it moved. */
  const letGo = (before: Bounds): void => {
    isHeld = false;
    if (sameItems(bounds, before)) hand.cancel();
    else hand.commit(bounds);
    settle();
  };

  const keys = takeKeys(thumbs, {
    canMove: () => true,
    begin() {
      isHeld = true;
      return bounds;
    },
    move(side, share) {
      moveTo(side, track.move(bounds[side], share));
    },
    end: letGo
  });
  for (const thumb of thumbs) {
    thumb.addEventListener('keydown', event => {
      if (event.key !== 'Escape') return;
      if (keys.forget()) {
        hand.cancel();
        settle();
      } else hand.leave();
      event.preventDefault();
    });
  }

  rail.addEventListener('pointerdown', event => {
    if (event.button !== 0) return;
    keys.end();
    if (isHeld) return; // by another finger
    event.preventDefault();
    const { left, width } = rail.getBoundingClientRect();
    const placeOf = ({ clientX }: PointerEvent): number => (width > 0 ? (clientX - left) / width : 0);
    const side = nearer(placeOf(event), track.position(bounds[LOW]), track.position(bounds[HIGH]));
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
      keys.forget();
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
