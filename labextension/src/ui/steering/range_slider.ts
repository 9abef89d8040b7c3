/**
 * A slider with two thumbs for the range of one numeric parameter; pointer, keyboard, and its ends typed as numbers.
 *
 * Law: while a thumb is held, nothing from outside moves it; the request goes out once, when the hand lets go or pauses.
 */
import { formatNumber } from '../../params/format';
import type { Parameter, Range } from '../../wire/protocol';
import { sameItems } from '../page/same';
import { onGrid, scaleOf } from '../../params/scale';
import { typedNumber } from '../../params/steering';
import { element, keepKeys, setAttribute } from '../page/dom';

/** What narrows one parameter: it shows a range and says when the user wants another. */
export interface RangeControl {
  readonly node: HTMLElement;
  /** The range in words, to stand beside the parameter's name. */
  readonly values: HTMLElement | null;
  readonly show: (range: Range, enabled: boolean) => void;
  /** Forgets a request that is not sent yet. */
  readonly dispose?: () => void;
}

type Bounds = readonly [number, number];
const LOW = 0;
const HIGH = 1;
const SIDES = [LOW, HIGH] as const;
type Side = (typeof SIDES)[number];

/** Keys pressed in quick succession are one request. */
const KEY_PAUSE_MS = 400;
/** Shares of the track. */
const KEY_SHARE: Readonly<Record<string, number>> = {
  ArrowLeft: -0.01,
  ArrowDown: -0.01,
  ArrowRight: 0.01,
  ArrowUp: 0.01,
  PageDown: -0.1,
  PageUp: 0.1,
  Home: -Infinity,
  End: Infinity
};
/** The least that a typed end has room for, and its padding, in characters. */
const [LEAST_ROOM, PADDING] = [4, 2];

export function createRangeSlider(parameter: Parameter, onCommit: (range: Range) => void): RangeControl {
  const { name } = parameter;
  const scale = scaleOf(parameter);
  /** What was given from outside last, and what is shown: as given, or as a hand has moved it. */
  let given: Bounds = [scale.low, scale.high];
  let bounds = given;
  let held = false;
  let enabled = true;

  const fill = element('div', { class: 'jt-slider-fill' });
  const thumbs = [createThumb(name, LOW), createThumb(name, HIGH)] as const;
  const track = element('div', { class: 'jt-slider' }, element('div', { class: 'jt-slider-rail' }), fill, ...thumbs);
  const ends = [createEnd(name, LOW), createEnd(name, HIGH)] as const;
  const dash = element('span', { 'aria-hidden': 'true' }, '–');
  const values = element('div', { class: 'jt-range-values' }, ends[LOW], dash, ends[HIGH]);

  const draw = (): void => {
    const places = [scale.position(bounds[LOW]), scale.position(bounds[HIGH])] as const;
    fill.style.left = percent(places[LOW]);
    fill.style.right = percent(1 - places[HIGH]);
    track.classList.toggle('jt-disabled', !enabled);
    for (const side of SIDES) {
      const [thumb, end, text] = [thumbs[side], ends[side], formatNumber(bounds[side])];
      thumb.style.left = percent(places[side]);
      thumb.tabIndex = enabled ? 0 : -1;
      setAttribute(thumb, 'aria-valuemin', String(side === LOW ? scale.low : bounds[LOW]));
      setAttribute(thumb, 'aria-valuemax', String(side === LOW ? bounds[HIGH] : scale.high));
      setAttribute(thumb, 'aria-valuenow', String(bounds[side]));
      setAttribute(thumb, 'aria-valuetext', text);
      setAttribute(thumb, 'aria-disabled', String(!enabled));
      end.disabled = !enabled;
      end.style.width = `${Math.max(LEAST_ROOM, text.length) + PADDING}ch`;
      if (document.activeElement !== end && end.value !== text) end.value = text;
    }
    // two thumbs on one spot: the one that can still move lies on top
    thumbs[LOW].classList.toggle('jt-thumb-top', places[LOW] > 0.5);
  };
  const moveTo = (side: Side, value: number): void => {
    const [low, high] = bounds;
    bounds = side === LOW ? [Math.min(value, high), high] : [low, Math.max(value, low)];
    draw();
  };
  /** The hand lets go: of what it moved it makes a request; else what was given meanwhile is shown. */
  const letGo = (before: Bounds): void => {
    held = false;
    if (enabled && !sameItems(bounds, before)) onCommit(bounds);
    else showGiven();
  };
  const showGiven = (): void => {
    bounds = given;
    draw();
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
  const moveByKeys = (side: Side): void => {
    const thumb = thumbs[side];
    thumb.addEventListener('keydown', event => {
      const share = KEY_SHARE[event.key];
      if (share === undefined || !enabled || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      clearTimeout(pause);
      beforeKeys ??= bounds;
      held = true;
      moveTo(side, scale.move(bounds[side], share));
    });
    thumb.addEventListener('keyup', event => {
      if (!beforeKeys || !(event.key in KEY_SHARE)) return;
      clearTimeout(pause);
      pause = setTimeout(endKeys, KEY_PAUSE_MS);
    });
    thumb.addEventListener('blur', endKeys);
  };

  const placeOf = (event: PointerEvent): number => {
    const { left, width } = track.getBoundingClientRect();
    return width > 0 ? (event.clientX - left) / width : 0;
  };
  track.addEventListener('pointerdown', event => {
    if (!enabled || event.button !== 0) return;
    endKeys();
    if (held) return; // by another finger
    event.preventDefault();
    const side = nearer(placeOf(event), scale.position(bounds[LOW]), scale.position(bounds[HIGH]));
    const before = bounds;
    held = true;
    thumbs[side].focus();
    track.setPointerCapture(event.pointerId);
    const drag = new AbortController();
    const follow = (moved: PointerEvent): void => {
      moveTo(side, scale.value(placeOf(moved)));
    };
    const finish = ({ type }: PointerEvent): void => {
      drag.abort();
      if (type === 'pointercancel') bounds = before;
      letGo(before);
    };
    follow(event);
    track.addEventListener('pointermove', follow, { signal: drag.signal });
    track.addEventListener('pointerup', finish, { signal: drag.signal });
    track.addEventListener('pointercancel', finish, { signal: drag.signal });
  });

  const moveByTyping = (side: Side): void => {
    const end = ends[side];
    end.addEventListener('change', () => {
      const before = bounds;
      const typed = typedNumber(end.value);
      if (Number.isFinite(typed)) moveTo(side, onGrid(parameter, typed));
      end.value = formatNumber(bounds[side]);
      letGo(before);
    });
    end.addEventListener('blur', draw);
    keepKeys(end, () => formatNumber(bounds[side]));
  };
  for (const side of SIDES) {
    moveByKeys(side);
    moveByTyping(side);
  }

  return {
    node: track,
    values,
    show(next, nextEnabled) {
      given = [Number(next[LOW]), Number(next[HIGH])];
      enabled = nextEnabled;
      if (!held) showGiven();
    },
    dispose() {
      clearTimeout(pause);
      beforeKeys = null;
    }
  };
}

function createThumb(name: string, side: Side): HTMLElement {
  return element('div', {
    class: 'jt-thumb',
    testid: `range-${name}-${side === LOW ? 'low' : 'high'}`,
    role: 'slider',
    tabindex: '0',
    'aria-label': `${name}, ${side === LOW ? 'lower' : 'upper'} end of the range`,
    'aria-orientation': 'horizontal'
  });
}

function createEnd(name: string, side: Side): HTMLInputElement {
  return element('input', {
    class: 'jt-input jt-range-end',
    type: 'text',
    inputmode: 'decimal',
    autocomplete: 'off',
    testid: `range-${name}-${side === LOW ? 'low' : 'high'}-value`,
    'aria-label': `${name}, ${side === LOW ? 'lower' : 'upper'} end, typed`
  });
}

/** Which thumb a place on the track is for; of two on one spot the one that can go there. */
function nearer(place: number, low: number, high: number): Side {
  if (low === high) return place < low || low >= 1 ? LOW : HIGH;
  return Math.abs(place - low) < Math.abs(place - high) ? LOW : HIGH;
}

function percent(share: number): string {
  return `${100 * share}%`;
}
