"""Choices: Categorical."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Any

from jupyter_tune.core.parameters.values import Scalar, plain
from jupyter_tune.errors import SpaceError

# stands for "no default given" where None may be a choice
_FIRST: Any = object()


@dataclass(frozen=True, slots=True, init=False)
class Categorical:
    """One of several choices: strings, numbers, booleans or None.

    Args:
        choices: at least one, all different (1, 1.0 and True are the same choice).
        ordered: neighbours in the list are alike (small, medium, large).
        default: the first trial's choice; the first one if not given.

    Raises: SpaceError (a ValueError) naming the choice and a way out.
    """

    choices: tuple[Scalar, ...]
    ordered: bool
    default: Scalar

    def __init__(self, choices: Iterable[Scalar], *, ordered: bool = False, default: Scalar = _FIRST):
        if isinstance(choices, (str, bytes)) or not isinstance(choices, Iterable):
            raise SpaceError(f"Categorical: choices must be a list, got {choices!r}")
        # a set has another order in every process
        listed = sorted(choices, key=repr) if isinstance(choices, Set) else choices
        kept = tuple(map(plain, listed))
        if not kept:
            raise SpaceError("Categorical: choices is empty; give at least one")
        if len(set(kept)) != len(kept):
            twice = next(c for i, c in enumerate(kept) if c in kept[:i])
            raise SpaceError(f"Categorical: {twice!r} is listed twice; remove one")
        fill = object.__setattr__
        fill(self, "choices", kept)
        fill(self, "ordered", bool(ordered))
        given = default is not _FIRST and (default is not None or None in kept)
        fill(self, "default", self.check(default, "default") if given else kept[0])

    @property
    def kind(self) -> str:
        return "categorical"

    @property
    def is_constant(self) -> bool:
        return len(self.choices) == 1

    @property
    def cells(self) -> int:
        """How many different values there are."""
        return len(self.choices)

    def to_unit(self, value: Scalar) -> float:
        """Where the cell of a choice lies in [0, 1], by its middle."""
        return (self.choices.index(self.check(value, "value")) + 0.5) / len(self.choices)

    def from_unit(self, unit: float) -> Scalar:
        """The choice whose cell `unit` in [0, 1] lies in."""
        return self.choices[min(len(self.choices) - 1, max(0, int(unit * len(self.choices))))]

    def check(self, value: Scalar, name: str, *, inside: bool = True) -> Scalar:
        """`value` as it stands in the choices; SpaceError if it is none of them."""
        if value not in self.choices:
            shown = ", ".join(map(repr, self.choices[:8])) + (", ..." if self.cells > 8 else "")
            raise SpaceError(f"{name}: {value!r} is none of the choices {shown}")
        return self.choices[self.choices.index(value)]

    def narrow(self, to: Sequence[Scalar], name: str) -> Categorical:
        """The choices in `to`, in their order here. Raises SpaceError naming `name` if one is unknown."""
        kept = {self.check(choice, name) for choice in to}
        if not kept:
            raise SpaceError(f"{name}: no choice is left; keep at least one")
        choices = [c for c in self.choices if c in kept]
        return Categorical(
            choices,
            ordered=self.ordered,
            default=self.default if self.default in kept else choices[0],
        )

    @property
    def range(self) -> tuple[Scalar, ...]:
        return self.choices

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "categorical",
            "choices": list(self.choices),
            "ordered": self.ordered,
            "default": self.default,
        }

    def __repr__(self) -> str:
        return f"Categorical({list(self.choices)!r}{', ordered=True' if self.ordered else ''})"
