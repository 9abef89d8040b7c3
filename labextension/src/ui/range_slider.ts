/**
 * A slider with two thumbs for the range of one numeric parameter; pointer, keyboard, and its ends typed as numbers.
 *
 * Law: while a thumb is held, nothing from outside moves it; the wish goes out once, when the hand lets go or pauses.
 */
import { formatNumber } from '../core/format';
import type { Parameter, Range } from '../core/protocol';
import { scaleOf } from '../core/scale';
import { onGrid } from '../core/steering';
import { element, setAttribute } from './dom';

/** What narrows one parameter: it shows a range and says when the user wants another. */
export interface RangeControl {
  readonly node: HTMLElement;
  /** The range in words, to stand beside the parameter's name. */
  readonly values: HTMLElement | null;
  show(range: Range, enabled: boolean): void;
}

type Bounds = readonly [number, number];
type Side = 0 | 1;
const SIDES = ['low', 'high'] as const;
/** Keys pressed in quick succession are one wish. */
const KEY_PAUSE_MS = 400;
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

export function createRangeSlider(parameter: Parameter, onCommit: (range: Range) => void): RangeControl {
  const { name } = parameter;
  const scale = scaleOf(parameter);
  let bounds: Bounds = [scale.low, scale.high];
  let held: Side | null = null;
  let enabled = true;

  const fill = element('div', { class: 'jt-slider-fill' });
  const thumbs = SIDES.map(side =>
    element('div', {
      class: 'jt-thumb',
      testid: `range-${name}-${side}`,
      role: 'slider',
      tabindex: '0',
      'aria-label': `${name}, ${side === 'low' ? 'lower' : 'upper'} end of the range`,
      'aria-orientation': 'horizontal'
    })
  );
  const track = element('div', { class: 'jt-slider' }, element('div', { class: 'jt-slider-rail' }), fill, ...thumbs);
  const ends = SIDES.map(side =>
    element('input', {
      class: 'jt-input jt-range-end',
      type: 'text',
      inputmode: 'decimal',
      autocomplete: 'off',
      testid: `range-${name}-${side}-value`,
      'aria-label': `${name}, ${side === 'low' ? 'lower' : 'upper'} end, typed`
    })
  );
  const values = element(
    'div',
    { class: 'jt-range-values' },
    ends[0] ?? null,
    element('span', { 'aria-hidden': 'true' }, '–'),
    ends[1] ?? null
  );

  const draw = (): void => {
    const positions = bounds.map(scale.position);
    const [start = 0, end = 1] = positions;
    fill.style.left = `${100 * start}%`;
    fill.style.right = `${100 * (1 - end)}%`;
    thumbs.forEach((thumb, side) => {
      const value = bounds[side as Side];
      thumb.style.left = `${100 * (positions[side] ?? 0)}%`;
      setAttribute(thumb, 'aria-valuemin', String(side === 0 ? scale.low : bounds[0]));
      setAttribute(thumb, 'aria-valuemax', String(side === 0 ? bounds[1] : scale.high));
      setAttribute(thumb, 'aria-valuenow', String(value));
      setAttribute(thumb, 'aria-valuetext', formatNumber(value));
      setAttribute(thumb, 'aria-disabled', String(!enabled));
      thumb.tabIndex = enabled ? 0 : -1;
    });
    // Two thumbs on one spot: the one that can still move lies on top.
    thumbs[0]?.classList.toggle('jt-thumb-top', start > 0.5);
    track.classList.toggle('jt-disabled', !enabled);
    ends.forEach((end, side) => {
      const text = formatNumber(bounds[side as Side]);
      end.disabled = !enabled;
      end.style.width = `${Math.max(4, text.length) + 2}ch`;
      if (document.activeElement !== end && end.value !== text) end.value = text;
    });
  };
  const moveTo = (side: Side, value: number): void => {
    bounds = side === 0 ? [Math.min(value, bounds[1]), bounds[1]] : [bounds[0], Math.max(value, bounds[0])];
    draw();
  };
  const commitIfMoved = (before: Bounds): void => {
    if (before[0] !== bounds[0] || before[1] !== bounds[1]) onCommit(bounds);
  };

  const positionOf = (event: PointerEvent): number => {
    const { left, width } = track.getBoundingClientRect();
    return width > 0 ? (event.clientX - left) / width : 0;
  };
  track.addEventListener('pointerdown', event => {
    if (!enabled || event.button !== 0 || held !== null) return;
    event.preventDefault();
    const at = positionOf(event);
    const [start, end] = [scale.position(bounds[0]), scale.position(bounds[1])];
    const side: Side = Math.abs(at - start) < Math.abs(at - end) || (start === end && at < start) ? 0 : 1;
    const target = start === end && start >= 1 ? 0 : side;
    const before = bounds;
    held = target;
    thumbs[target]?.focus();
    track.setPointerCapture(event.pointerId);
    const onMove = (moved: PointerEvent): void => {
      moveTo(target, scale.value(positionOf(moved)));
    };
    const finish = (ended: PointerEvent): void => {
      held = null;
      track.removeEventListener('pointermove', onMove);
      track.removeEventListener('pointerup', finish);
      track.removeEventListener('pointercancel', finish);
      if (ended.type === 'pointercancel') {
        bounds = before;
        draw();
      } else commitIfMoved(before);
    };
    onMove(event);
    track.addEventListener('pointermove', onMove);
    track.addEventListener('pointerup', finish);
    track.addEventListener('pointercancel', finish);
  });
  thumbs.forEach((thumb, index) => {
    const side = index as Side;
    let beforeKeys: Bounds | null = null;
    let pause: ReturnType<typeof setTimeout> | undefined;
    thumb.addEventListener('keydown', event => {
      const share = KEY_SHARE[event.key];
      if (share === undefined || !enabled || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      clearTimeout(pause);
      beforeKeys ??= bounds;
      held = side;
      moveTo(side, scale.move(bounds[side], share));
    });
    const letGo = (): void => {
      clearTimeout(pause);
      if (!beforeKeys) return;
      const before = beforeKeys;
      beforeKeys = null;
      held = null;
      commitIfMoved(before);
    };
    thumb.addEventListener('keyup', event => {
      if (beforeKeys && event.key in KEY_SHARE) pause = setTimeout(letGo, KEY_PAUSE_MS);
    });
    thumb.addEventListener('blur', letGo);
  });

  ends.forEach((end, index) => {
    const side = index as Side;
    end.addEventListener('change', () => {
      const before = bounds;
      const typed = Number(end.value.trim().replace(/^−/, '-'));
      if (end.value.trim() !== '' && Number.isFinite(typed)) moveTo(side, onGrid(parameter, typed));
      end.value = formatNumber(bounds[side]);
      commitIfMoved(before);
    });
    end.addEventListener('keydown', event => {
      event.stopPropagation();
      if (event.key !== 'Escape') return;
      end.value = formatNumber(bounds[side]);
      end.blur();
    });
  });

  return {
    node: track,
    values,
    show(next, nextEnabled) {
      if (held !== null) return;
      bounds = [Number(next[0]), Number(next[1])];
      enabled = nextEnabled;
      draw();
    }
  };
}
