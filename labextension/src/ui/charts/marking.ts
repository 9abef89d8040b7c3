/**
 * Marking ranges on the axes of parallel coordinates: by a drag along an axis. Both axes of the chart are fixed, so Plotly
 * does nothing with a drag; a click, which hardly moves, is Plotly's.
 */
import { axesSpan, brushed, withMark, type Brush, type Interval } from '../../charts/brush';
import { isFields, type Figure } from '../../charts/template';
import { button, element, setText } from '../page/dom';

/** In pixels: what a hand moves that only clicks, and half the width of what is drawn meanwhile. */
const [STILL, HALF_WIDTH] = [4, 9];

/** The area of the chart, as Plotly lays it out. */
const AREA = '.nsewdrag';

export interface Marking {
  /** Says how many trials the marks leave, and takes the marks away. */
  readonly clear: HTMLElement;
  /** The figure with the marks on it, if its chart takes any. */
  readonly over: (figure: Figure) => Figure;
  /** Forgets the marks; the next figure is without. */
  readonly reset: () => void;
  /** Marks by drags over the chart in `host`. */
  readonly listen: (host: HTMLElement) => void;
}

/** @param onChange The figure is to be drawn again. */
export function createMarking(onChange: () => void): Marking {
  let brush: Brush = new Map();
  /** What was drawn last, if it takes marks. */
  let marked: Figure | null = null;
  const set = (next: Brush): void => {
    brush = next;
    onChange();
  };
  const clear = button('', { class: 'jt-button jt-brush-clear', testid: 'clear-brush' }, () => {
    set(new Map());
  });
  clear.hidden = true;
  return {
    clear,
    over(figure) {
      if (marked && namesOf(marked) !== namesOf(figure)) brush = new Map();
      marked = axesSpan(figure) ? figure : null;
      if (!marked) return figure;
      const { figure: shown, kept, of } = brushed(figure, brush);
      clear.hidden = brush.size === 0;
      setText(clear, clear.hidden ? '' : `${kept} of ${of} trials: show all`);
      return shown;
    },
    reset() {
      brush = new Map();
    },
    listen(host) {
      listenForMarks(
        host,
        () => marked && axesSpan(marked),
        (axis, places) => {
          if (marked) set(withMark(brush, marked, axis, places));
        }
      );
    }
  };
}

/** What the axes are called: marks are of these axes. */
function namesOf({ layout: { xaxis } }: Figure): string {
  return JSON.stringify(isFields(xaxis) ? xaxis.ticktext : null);
}

/**
 * @param host Has the chart in it, and is where its children are placed.
 * @param ends What the x axis spans, in axes of parameters; null where the chart takes no marks now.
 * @param onMark An axis, and the places from 0 to 1 that are marked on it.
 */
function listenForMarks(
  host: HTMLElement,
  ends: () => Interval | null,
  onMark: (axis: number, places: Interval) => void
): void {
  host.addEventListener('pointerdown', ({ button, clientX, clientY }) => {
    const span = ends();
    const area = host.querySelector(AREA)?.getBoundingClientRect();
    if (!span || !area || button !== 0 || !isInside(clientX, clientY, area)) return;
    const [low, high] = span;
    const at = low + ((clientX - area.left) / area.width) * (high - low);
    const axis = Math.min(Math.max(Math.round(at), Math.ceil(low)), Math.floor(high));
    const box = element('div', { class: 'jt-brush', 'aria-hidden': 'true' });
    const ended = new AbortController();
    const marked = (event: PointerEvent): Interval | null => {
      const to = Math.min(Math.max(event.clientY, area.top), area.bottom);
      return Math.abs(to - clientY) < STILL ? null : [Math.min(to, clientY), Math.max(to, clientY)];
    };
    const end = (): void => {
      ended.abort();
      box.remove();
    };
    // a drag may leave the chart, and Plotly covers the page meanwhile
    const onPage = (
      type: 'pointermove' | 'pointerup' | 'pointercancel',
      heard: (event: PointerEvent) => void
    ): void => {
      host.ownerDocument.addEventListener(type, heard, { capture: true, signal: ended.signal });
    };
    onPage('pointermove', event => {
      const range = marked(event);
      if (!range) return;
      if (!box.isConnected) host.append(box);
      const { left, top } = host.getBoundingClientRect();
      const x = area.left + ((axis - low) / (high - low)) * area.width;
      box.style.left = `${x - left - HALF_WIDTH}px`;
      box.style.width = `${2 * HALF_WIDTH}px`;
      box.style.top = `${range[0] - top}px`;
      box.style.height = `${range[1] - range[0]}px`;
    });
    onPage('pointercancel', end);
    onPage('pointerup', event => {
      const range = marked(event);
      end();
      if (!range) return;
      const place = (y: number): number => (area.bottom - y) / area.height;
      onMark(axis, [place(range[1]), place(range[0])]);
    });
  });
}

function isInside(x: number, y: number, { left, right, top, bottom }: DOMRect): boolean {
  return left <= x && x <= right && top <= y && y <= bottom;
}
