/**
 * The choices of one declared Categorical as toggle buttons in the text of a cell. A choice that was turned off here stays
 * a button, in its place, until the editor goes or the choice is written again: else there were no way back but undo.
 */
import type { StudyFacts } from '../../doors';
import { choiceName } from '../../params/format';
import type { Cell, Parameter } from '../../wire/protocol';
import { button, element, setAttribute } from '../../ui/page/dom';
import { isNarrowed, type Control, type Hand } from './control';

export function createSourceChips(parameter: Parameter, hand: Hand<readonly Cell[]>): Control {
  const { name } = parameter;
  let on: readonly Cell[] = [];
  /** In their order: those that are on and those that were turned off here. */
  let known: readonly Cell[] = [];
  let off = new Set<Cell>();
  let study: StudyFacts | null = null;
  const node = element('span', { class: 'jt-source-chips', role: 'group', testid: `source-${name}` });
  let chips = new Map<Cell, HTMLButtonElement>();

  const toggle = (choice: Cell): void => {
    const isOn = on.includes(choice);
    const next = known.filter(other => on.includes(other) !== (other === choice));
    if (next.length === 0) return;
    if (isOn) off.add(choice);
    hand.commit(next);
  };
  const createChip = (choice: Cell): HTMLButtonElement => {
    const attributes = {
      class: 'jt-source-chip',
      testid: `source-${name}-${choiceName(choice)}`,
      'data-lm-suppress-shortcuts': 'true'
    };
    const chip = button(choiceName(choice), attributes, () => {
      toggle(choice);
    });
    chip.addEventListener('keydown', event => {
      if (event.key === 'Escape') hand.leave();
    });
    return chip;
  };
  const draw = (): void => {
    chips = new Map(known.map(choice => [choice, chips.get(choice) ?? createChip(choice)]));
    const nodes = [...chips.values()];
    if (nodes.some((chip, at) => chip !== node.children[at]) || nodes.length !== node.children.length) {
      node.replaceChildren(...nodes);
    }
    const best = study?.best ? study.best.params[name] : undefined;
    const searched = study?.isLive && isNarrowed(study, name) ? study.ranges[name] : undefined;
    for (const [choice, chip] of chips) {
      const isOn = on.includes(choice);
      const isLeft = isOn && searched !== undefined && !searched.includes(choice);
      setAttribute(chip, 'aria-pressed', String(isOn));
      chip.classList.toggle('jt-source-best', choice === best);
      chip.classList.toggle('jt-source-left', isLeft);
      const tries = (study?.tried[name] ?? []).filter(value => value === choice).length;
      const words = [
        ...(isOn && on.length === 1 ? ['At least one choice stays'] : []),
        ...(choice === best ? ['best so far'] : []),
        ...(tries > 0 ? [`tried ${tries} ${tries === 1 ? 'time' : 'times'}`] : []),
        ...(isLeft ? ['the study does not suggest it now'] : [])
      ];
      setAttribute(chip, 'title', words.join('; '));
      const said = choice === best ? `${choiceName(choice)}, best so far` : choiceName(choice);
      setAttribute(chip, 'aria-label', said);
    }
    setAttribute(node, 'aria-label', `Choices of ${name}`);
  };
  const show = ({ choices }: Parameter): void => {
    on = choices ?? [];
    off = new Set([...off].filter(choice => !on.includes(choice)));
    known = inPlace(
      on,
      known.filter(choice => off.has(choice)),
      known
    );
    draw();
  };
  show(parameter);
  return {
    node,
    show,
    showStudy(facts) {
      study = facts;
      draw();
    },
    dispose: () => undefined
  };
}

/** Those that are on, and each that is off behind the one it stood behind before. */
function inPlace(on: readonly Cell[], off: readonly Cell[], before: readonly Cell[]): readonly Cell[] {
  const placed = [...on];
  for (const choice of off) {
    const earlier = before.slice(0, before.indexOf(choice));
    const neighbour = earlier.findLast(other => placed.includes(other));
    placed.splice(neighbour === undefined ? 0 : placed.indexOf(neighbour) + 1, 0, choice);
  }
  return placed;
}
