/**
 * The sliders and chips in one editor: where they stand, what they preview, and what a hand's change does to the text and
 * to the study that runs.
 *
 * Laws: a change finds its declaration by name in the text as it then is, so that what others type meanwhile stays whole.
 * One change is one step of undo. The study's own ranges never rewrite the text.
 */
import { RangeSet, StateEffect, type Range as Placed } from '@codemirror/state';
import { Decoration, WidgetType, type DecorationSet, type EditorView, type ViewUpdate } from '@codemirror/view';
import { askStudy, onStudy, steer, type StudyFacts } from '../../doors';
import type { Declaration } from '../../cell/declarations';
import { rewrite, type Wanted } from '../../cell/rewriting';
import { describeRange } from '../../params/steering';
import { element } from '../../ui/page/dom';
import { sameItems } from '../../ui/page/same';
import type { Cell, Parameter, Range } from '../../wire/protocol';
import type { Control } from './control';
import { createSlider, within } from './slider';
import { createSourceChips } from './source_chips';
import { declaredField } from './declared';

const CELL = '.jp-Cell';

/** Milliseconds for which words stand below a slider. */
const WORDS_MS = 8000;

/** What happens in a control is not for the editor and the notebook around it: "d d" would delete the cell. */
const KEPT = [
  ...['keydown', 'keypress', 'keyup', 'mousedown', 'mouseup', 'click', 'dblclick', 'pointerdown', 'pointerup'],
  ...['touchstart', 'contextmenu', 'dragstart', 'focusin', 'focusout', 'beforeinput', 'input', 'copy', 'cut', 'paste']
];

interface Preview {
  readonly name: string;
  readonly wanted: Wanted;
}

const setPreview = StateEffect.define<Preview | null>();
/** The setting has changed. */
const redraw = StateEffect.define();

export interface Surroundings {
  /** Whether there are to be any: a setting. */
  readonly isShown: () => boolean;
  /** Ends the step of undo that goes on. */
  readonly seal: () => void;
}

export class SourceView {
  decorations: DecorationSet = Decoration.none;
  private preview: Preview | null = null;
  private study: StudyFacts | null = null;
  private readonly controls = new Map<
    HTMLElement,
    { readonly name: string; readonly kind: string; readonly control: Control }
  >();
  /** How choices were written that have been turned off. */
  private readonly texts = new Map<Cell, string>();
  private readonly stop: () => void;
  private isPlaced = false;

  constructor(
    private readonly view: EditorView,
    private readonly surroundings: Surroundings
  ) {
    this.stop = onStudy(dashboard => {
      const concerns = dashboard ? this.cell?.contains(dashboard) : this.study !== null;
      if (this.controls.size > 0 && concerns) this.look();
    });
    this.decorations = this.decorate();
  }

  update(update: ViewUpdate): void {
    let isNew = update.docChanged || update.startState.readOnly !== update.state.readOnly;
    for (const effect of update.transactions.flatMap(({ effects }) => effects)) {
      if (effect.is(setPreview)) this.preview = effect.value;
      else if (!effect.is(redraw)) continue;
      isNew = true;
    }
    if (isNew) this.decorations = this.decorate();
    // the editor of a cell is drawn before it stands in the page
    if (!this.isPlaced && this.controls.size > 0)
      requestAnimationFrame(() => {
        this.look();
      });
  }

  redraw(): void {
    this.view.dispatch({ effects: redraw.of(null) });
  }

  close(): void {
    this.stop();
    for (const { control } of this.controls.values()) control.dispose();
  }

  private get cell(): Element | null {
    return this.view.dom.closest(CELL);
  }

  /** What is now known of the study in the cell's output. */
  private look(): void {
    const { cell } = this;
    if (!cell) return;
    this.isPlaced = true;
    this.study = askStudy(cell);
    for (const { control } of this.controls.values()) control.showStudy(this.study);
  }

  private decorate(): DecorationSet {
    const { state } = this.view;
    const { text, declarations } = state.field(declaredField);
    if (text === '' || state.readOnly || !this.surroundings.isShown()) return Decoration.none;
    const placed: Placed<Decoration>[] = declarations.flatMap(declaration => {
      if (!declaration.parameter) return [];
      const widget = new ControlWidget(this, declaration, declaration.parameter);
      return [Decoration.widget({ widget, side: 1 }).range(declaration.call.to)];
    });
    if (this.preview) {
      for (const { from, to, insert } of rewrite(text, declarations, { [this.preview.name]: this.preview.wanted })) {
        if (from < to) placed.push(Decoration.replace({ widget: new NumberWidget(insert) }).range(from, to));
      }
    }
    return RangeSet.of(placed, true);
  }

  create({ parameter }: ControlWidget): HTMLElement {
    const { name, kind } = parameter;
    const words = element('span', { class: 'jt-source-words', role: 'status' });
    words.hidden = true;
    let hide: ReturnType<typeof setTimeout> | undefined;
    const say = (text: string): void => {
      clearTimeout(hide);
      words.textContent = text;
      words.hidden = text === '';
      hide = setTimeout(() => {
        words.hidden = true;
      }, WORDS_MS);
    };
    const hand = <T>(wantedOf: (range: T) => Wanted) => ({
      preview: (range: T): void => {
        this.view.dispatch({ effects: setPreview.of({ name, wanted: wantedOf(range) }) });
      },
      commit: (range: T): void => {
        this.commit(name, wantedOf(range));
        say(this.steerStudy(name, wantedOf(range)));
      },
      cancel: (): void => {
        this.view.dispatch({ effects: setPreview.of(null) });
      },
      leave: (): void => {
        this.view.focus();
      }
    });
    const control =
      kind === 'categorical'
        ? createSourceChips(
            parameter,
            hand(choices => ({ choices }))
          )
        : createSlider(
            parameter,
            hand(bounds => ({ bounds }))
          );
    const node = element(
      'span',
      { class: 'jt-source', 'data-lm-suppress-shortcuts': 'true', contenteditable: 'false' },
      control.node,
      words
    );
    for (const type of KEPT) {
      node.addEventListener(type, event => {
        event.stopPropagation();
      });
    }
    control.showStudy(this.study);
    this.controls.set(node, { name, kind, control });
    return node;
  }

  /** Shows another parameter where this element stands; false if it is of another name or kind. */
  show(node: HTMLElement, { parameter }: ControlWidget): boolean {
    const known = this.controls.get(node);
    if (known?.name !== parameter.name || known.kind !== parameter.kind) return false;
    known.control.show(parameter);
    known.control.showStudy(this.study);
    return true;
  }

  drop(node: HTMLElement): void {
    const { controls } = this;
    const known = controls.get(node);
    controls.delete(node);
    // while CodeMirror draws it takes no changes
    if (known)
      queueMicrotask(() => {
        known.control.dispose();
      });
  }

  private commit(name: string, wanted: Wanted): void {
    const { state } = this.view;
    const { text, declarations } = state.field(declaredField);
    for (const { choices } of declarations.filter(declaration => declaration.name === name)) {
      for (const item of choices?.items ?? []) if (item.value !== undefined) this.texts.set(item.value, item.text);
    }
    const changes = state.readOnly ? [] : rewrite(text, declarations, { [name]: wanted }, this.texts);
    this.surroundings.seal();
    this.view.dispatch({ changes: [...changes], effects: setPreview.of(null), userEvent: 'input.tune' });
    this.surroundings.seal();
  }

  /** Asks the study that runs for the range, as far as it was declared; what is to be said about it. */
  private steerStudy(name: string, { bounds, choices }: Wanted): string {
    const { cell } = this;
    if (!cell) return '';
    const study = askStudy(cell);
    const declared = study?.parameters.find(parameter => parameter.name === name);
    if (!study?.isLive || !declared) return '';
    const asked = bounds ? within(declared, bounds) : chosen(declared, choices ?? []);
    const reaches = bounds ? asked !== null && sameItems(asked, bounds) : asked?.length === choices?.length;
    const present = study.ranges[name];
    if (asked && asked.length > 0 && !(present && sameItems(asked, present))) steer(cell, { [name]: asked });
    if (reaches) return '';
    const limits =
      declared.kind === 'categorical'
        ? `the choices it was started with (${(declared.choices ?? []).join(', ')})`
        : `the range it was started with (${describeRange(declared)})`;
    return `The running study cannot search beyond ${limits}. What is written here holds from the next run on.`;
  }
}

function chosen({ choices }: Parameter, wanted: readonly Cell[]): Range {
  return (choices ?? []).filter(choice => wanted.includes(choice));
}

class ControlWidget extends WidgetType {
  private readonly key: string;

  constructor(
    private readonly owner: SourceView,
    declaration: Declaration,
    readonly parameter: Parameter
  ) {
    super();
    this.key = JSON.stringify([declaration.name, parameter]);
  }

  override eq(other: ControlWidget): boolean {
    return other.owner === this.owner && other.key === this.key;
  }

  override toDOM(): HTMLElement {
    return this.owner.create(this);
  }

  override updateDOM(node: HTMLElement): boolean {
    return this.owner.show(node, this);
  }

  override destroy(node: HTMLElement): void {
    this.owner.drop(node);
  }

  override ignoreEvent(): boolean {
    return true;
  }
}

class NumberWidget extends WidgetType {
  constructor(private readonly text: string) {
    super();
  }

  override eq(other: NumberWidget): boolean {
    return other.text === this.text;
  }

  override toDOM(): HTMLElement {
    return element('span', { class: 'jt-source-number' }, this.text);
  }

  override updateDOM(node: HTMLElement): boolean {
    node.textContent = this.text;
    return true;
  }
}
