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
import type { Bounds } from '../../params/track';
import { element, hasFocus, keepKeys, setAttribute } from '../page/dom';
import { createThumbs, drawThumbs, HIGH, LOW, moved, nearer, SIDES, takeKeys, type Side } from '../page/thumbs';

/** What narrows one parameter: it shows a range and says when the user wants another. */
export interface RangeControl {
  readonly node: HTMLElement;
  /** The range in words, to stand beside the parameter's name. */
  readonly values: HTMLElement | null;
  readonly show: (range: Range, enabled: boolean) => void;
  /** Forgets a request that is not sent yet. */
  readonly dispose?: () => void;
}

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
  const thumbs = createThumbs('div', name, 'range', { class: 'jt-thumb' });
  const track = element('div', { class: 'jt-slider' }, element('div', { class: 'jt-slider-rail' }), fill, ...thumbs);
  const ends = [createEnd(name, LOW), createEnd(name, HIGH)] as const;
  const dash = element('span', { 'aria-hidden': 'true' }, '–');
  const values = element('div', { class: 'jt-range-values' }, ends[LOW], dash, ends[HIGH]);

  const draw = (): void => {
    drawThumbs(thumbs, fill, bounds, scale, 'jt-thumb-top');
    track.classList.toggle('jt-disabled', !enabled);
    for (const side of SIDES) {
      const [thumb, end, text] = [thumbs[side], ends[side], formatNumber(bounds[side])];
      thumb.tabIndex = enabled ? 0 : -1;
      setAttribute(thumb, 'aria-disabled', String(!enabled));
      end.disabled = !enabled;
      end.style.width = `${Math.max(LEAST_ROOM, text.length) + PADDING}ch`;
      if (!hasFocus(end) && end.value !== text) end.value = text;
    }
  };
  const moveTo = (side: Side, value: number): void => {
    bounds = moved(bounds, side, value);
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

  const keys = takeKeys(thumbs, {
    canMove: () => enabled,
    begin() {
      held = true;
      return bounds;
    },
    move(side, share) {
      moveTo(side, scale.move(bounds[side], share));
    },
    end: letGo
  });

  const placeOf = (event: PointerEvent): number => {
    const { left, width } = track.getBoundingClientRect();
    return width > 0 ? (event.clientX - left) / width : 0;
  };
  track.addEventListener('pointerdown', event => {
    if (!enabled || event.button !== 0) return;
    keys.end();
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
  for (const side of SIDES) moveByTyping(side);

  return {
    node: track,
    values,
    show(next, nextEnabled) {
      given = [Number(next[LOW]), Number(next[HIGH])];
      enabled = nextEnabled;
      if (!held) showGiven();
    },
    dispose: keys.forget
  };
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
