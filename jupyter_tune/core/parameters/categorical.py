"""Choices: Categorical."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Any

from jupyter_tune.core.parameters.labels import first_double, labels_of, same, without_numpy
from jupyter_tune.core.parameters.numeric import Float, Int
from jupyter_tune.core.parameters.values import Scalar
from jupyter_tune.errors import SpaceError

# stands for "no default given" where None may be a choice
_FIRST: Any = object()


@dataclass(frozen=True, slots=True, init=False, eq=False)
class Categorical:
    """One of several choices: strings, numbers, booleans, None, or any other objects.

    Args:
        choices: at least one, all different; a trial is given the very object.
        ordered: neighbours in the list are alike (small, medium, large).
        default: the first trial's choice; the first one if not given.

    `labels` are the choices as JSON holds them, see labels.py; wherever a choice is given, its label
    may be given in its place.

    Raises: SpaceError (a ValueError) naming the choice and a way out.
    """

    choices: tuple[Any, ...]
    labels: tuple[Scalar, ...]
    ordered: bool
    default: Any

    def __init__(self, choices: Iterable[Any], *, ordered: bool = False, default: Any = _FIRST):
        if isinstance(choices, (str, bytes)) or not isinstance(choices, Iterable):
            raise SpaceError(f"Categorical: choices must be a list, got {choices!r}")
        # a set has another order in every process
        listed = sorted(choices, key=repr) if isinstance(choices, Set) else choices
        kept = tuple(map(without_numpy, listed))
        if not kept:
            raise SpaceError("Categorical: choices is empty; give at least one")
        for choice in kept:
            if isinstance(choice, (Float, Int, Categorical)):
                raise SpaceError(
                    f"Categorical: {choice!r} is a range, not a choice; make it a parameter of its own"
                )
        double = first_double(kept)
        if double is not None:
            raise SpaceError(f"Categorical: {kept[double]!r} is listed twice; remove one")
        given = default is not _FIRST and (default is not None or any(choice is None for choice in kept))
        self._fill(kept, labels_of(kept), ordered, kept[0])
        if given:
            object.__setattr__(self, "default", self.check(default, "default"))

    def _fill(
        self, choices: tuple[Any, ...], labels: tuple[Scalar, ...], ordered: bool, default: Any
    ) -> Categorical:
        fill = object.__setattr__
        fill(self, "choices", choices)
        fill(self, "labels", labels)
        fill(self, "ordered", bool(ordered))
        fill(self, "default", default)
        return self

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

    @property
    def is_plain(self) -> bool:
        """Whether the choices are their own labels."""
        return self.labels is self.choices

    def to_unit(self, value: Any) -> float:
        """Where the cell of a choice lies in [0, 1], by its middle."""
        return (self._place(value, "value") + 0.5) / len(self.choices)

    def from_unit(self, unit: float) -> Any:
        """The choice whose cell `unit` in [0, 1] lies in."""
        return self.choices[min(len(self.choices) - 1, max(0, int(unit * len(self.choices))))]

    def check(self, value: Any, name: str, *, inside: bool = True) -> Any:
        """`value` as it stands in the choices; SpaceError if it is none of them."""
        return self.choices[self._place(value, name)]

    def encode(self, value: Any, name: str = "value") -> Scalar:
        """The label of a choice. Raises SpaceError as `check` does."""
        return self.labels[self._place(value, name)]

    def _place(self, value: Any, name: str) -> int:
        value = without_numpy(value)
        if not self.is_plain:
            for place, choice in enumerate(self.choices):
                if same(choice, value):
                    return place
        # an array's == is an array
        if value is None or isinstance(value, (str, int, float)):
            try:
                return self.labels.index(value)
            except ValueError:
                pass
        shown = ", ".join(map(repr, self.choices[:8])) + (", ..." if self.cells > 8 else "")
        raise SpaceError(f"{name}: {value!r} is none of the choices {shown}")

    def narrow(self, to: Sequence[Any], name: str) -> Categorical:
        """The choices in `to`, in their order here. Raises SpaceError naming `name` if one is unknown."""
        kept = sorted({self._place(choice, name) for choice in to})
        if not kept:
            raise SpaceError(f"{name}: no choice is left; keep at least one")
        choices = tuple(self.choices[place] for place in kept)
        labels = choices if self.is_plain else tuple(self.labels[place] for place in kept)
        start = self._place(self.default, name)
        default = self.default if start in kept else choices[0]
        return object.__new__(Categorical)._fill(choices, labels, self.ordered, default)

    def starting_at(self, default: Any, name: str) -> Categorical:
        """The same with another default. Raises SpaceError naming `name` if it is none of the choices."""
        start = self.check(default, name)
        return object.__new__(Categorical)._fill(self.choices, self.labels, self.ordered, start)

    @property
    def encoded(self) -> Categorical:
        """The same over labels: what journals, samplers and screens deal with."""
        if self.is_plain:
            return self
        start = self.encode(self.default)
        return object.__new__(Categorical)._fill(self.labels, self.labels, self.ordered, start)

    @property
    def range(self) -> tuple[Any, ...]:
        return self.choices

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "categorical",
            "choices": list(self.labels),
            "ordered": self.ordered,
            "default": self.encode(self.default),
        }

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Categorical) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash((self.labels, self.ordered))

    def __repr__(self) -> str:
        return f"Categorical({list(self.choices)!r}{', ordered=True' if self.ordered else ''})"
