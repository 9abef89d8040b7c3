/**
 * The two thumbs of a slider: what they say to screen readers, which one a place on the track is for, and their keys.
 * Keys pressed in quick succession are one change.
 */
import { formatNumber } from '../../params/format';
import type { Bounds } from '../../params/track';
import { element, setAttribute } from './dom';

export const LOW = 0;
export const HIGH = 1;
export const SIDES = [LOW, HIGH] as const;
export type Side = (typeof SIDES)[number];
export type Thumbs = readonly [HTMLElement, HTMLElement];

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

/** The attributes are those of each thumb; its testid is `prefix-name-low`, or `-high`. */
export function createThumbs(
  tag: 'div' | 'span',
  name: string,
  prefix: string,
  attributes: Readonly<Record<string, string>>
): Thumbs {
  const create = (side: Side): HTMLElement =>
    element(tag, {
      testid: `${prefix}-${name}-${side === LOW ? 'low' : 'high'}`,
      role: 'slider',
      tabindex: '0',
      'aria-label': `${name}, ${side === LOW ? 'lower' : 'upper'} end of the range`,
      'aria-orientation': 'horizontal',
      ...attributes
    });
  return [create(LOW), create(HIGH)];
}

/** Where the track ends, and where a value stands on it. */
interface Ends {
  readonly low: number;
  readonly high: number;
  readonly position: (value: number) => number;
}

/** Puts the thumbs and the fill between them where the bounds are. `top`: the class of a thumb that lies on top. */
export function drawThumbs(thumbs: Thumbs, fill: HTMLElement, bounds: Bounds, track: Ends, top: string): void {
  const places = [track.position(bounds[LOW]), track.position(bounds[HIGH])] as const;
  fill.style.left = percent(places[LOW]);
  fill.style.right = percent(1 - places[HIGH]);
  for (const side of SIDES) {
    const thumb = thumbs[side];
    thumb.style.left = percent(places[side]);
    setAttribute(thumb, 'aria-valuemin', String(side === LOW ? track.low : bounds[LOW]));
    setAttribute(thumb, 'aria-valuemax', String(side === LOW ? bounds[HIGH] : track.high));
    setAttribute(thumb, 'aria-valuenow', String(bounds[side]));
    setAttribute(thumb, 'aria-valuetext', formatNumber(bounds[side]));
  }
  // two thumbs on one spot: the one that can still move lies on top
  thumbs[LOW].classList.toggle(top, places[LOW] > 0.5);
}

/** The bounds with one end moved, at most to the other. */
export function moved([low, high]: Bounds, side: Side, value: number): Bounds {
  return side === LOW ? [Math.min(value, high), high] : [low, Math.max(value, low)];
}

/** Which thumb a place on the track is for; of two on one spot the one that can go there. */
export function nearer(place: number, low: number, high: number): Side {
  if (low === high) return place < low || low >= 1 ? LOW : HIGH;
  return Math.abs(place - low) < Math.abs(place - high) ? LOW : HIGH;
}

export interface KeyHand {
  /** Whether the thumbs can be moved now. */
  readonly canMove: () => boolean;
  /** The bounds before the first key of a succession. */
  readonly begin: () => Bounds;
  readonly move: (side: Side, share: number) => void;
  /** The succession is over; `before` is what `begin` gave. */
  readonly end: (before: Bounds) => void;
}

export interface Keys {
  /** Ends a succession that goes on, as its pause would. */
  readonly end: () => void;
  /** Forgets a succession that goes on; false if there is none. */
  readonly forget: () => boolean;
}

export function takeKeys(thumbs: Thumbs, hand: KeyHand): Keys {
  let before: Bounds | null = null;
  let pause: ReturnType<typeof setTimeout> | undefined;
  const forget = (): boolean => {
    clearTimeout(pause);
    const went = before !== null;
    before = null;
    return went;
  };
  const end = (): void => {
    const began = before;
    if (forget() && began) hand.end(began);
  };
  for (const side of SIDES) {
    const thumb = thumbs[side];
    thumb.addEventListener('keydown', event => {
      const share = KEY_SHARE[event.key];
      if (share === undefined || !hand.canMove() || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      clearTimeout(pause);
      before ??= hand.begin();
      hand.move(side, share);
    });
    thumb.addEventListener('keyup', event => {
      if (!before || !(event.key in KEY_SHARE)) return;
      clearTimeout(pause);
      pause = setTimeout(end, KEY_PAUSE_MS);
    });
    thumb.addEventListener('blur', end);
  }
  return { end, forget };
}

export function percent(share: number): string {
  return `${100 * share}%`;
}
