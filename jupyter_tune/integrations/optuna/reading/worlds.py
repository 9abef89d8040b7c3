"""The worlds of an objective: the branches that are followed, and the space that comes of all of them.

A world is a choice of values of parameters that branches depend on. The objective is followed again from its
beginning for every world: a list of decisions says which way to go where it has parted before; at the first
new parting it goes the first way, and the others are noted to be followed later.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jupyter_tune.core.conditions import Condition
from jupyter_tune.core.parameters import Categorical, Float, Int, Parameter
from jupyter_tune.core.space import Space
from jupyter_tune.errors import SpaceError
from jupyter_tune.integrations.optuna.reading.source import GIVE_THEM
from jupyter_tune.integrations.optuna.reading.values import Dependent, Unknown

MOST_VALUES = 1000
"""A whole number of more values parts no worlds."""
MOST_COMBINATIONS = 20_000
MOST_WORLDS = 1000


@dataclass
class World:
    """`left`: the values that a parameter may have here, of those by which worlds have parted. `has`: the
    parameters that are asked for."""

    left: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    has: dict[str, None] = field(default_factory=dict)


class Worlds:
    """All worlds of one objective. Args: shown: the objective's name, for errors."""

    def __init__(self, shown: str):
        self.shown = shown
        self._declared: dict[str, tuple[Parameter, int]] = {}
        self._worlds: list[World] = []
        self._here = World()
        self._decisions: list[int] = []
        self._place = 0
        self._open: list[list[int]] = []

    def explore(self, follow: Callable[[], None]) -> Space:
        """Call `follow` once for each world. Returns the space. Raises SpaceError."""
        self._open = [[]]
        while self._open:
            if len(self._worlds) >= MOST_WORLDS:
                raise SpaceError(
                    f"{self.shown}: its branches make more than {MOST_WORLDS} combinations; {GIVE_THEM}"
                )
            self._decisions = self._open.pop()
            self._place, self._here = 0, World()
            follow()
            self._worlds.append(self._here)
        if not self._declared:
            raise SpaceError(
                f"{self.shown}: asks for no range: no trial.suggest_... is found in it, or in the functions "
                f"that it passes the trial to; {GIVE_THEM}"
            )
        parameters = {name: parameter for name, (parameter, _) in self._declared.items()}
        return Space(parameters, when=dict(self._conditions()))

    def declare(self, name: str, parameter: Parameter, line: int) -> Dependent:
        """The objective asks for this parameter. Returns its value."""
        known, before = self._declared.setdefault(name, (parameter, line))
        if known != parameter:
            raise self.error(
                line,
                f"{name} is {parameter!r} here and {known!r} in line {before}; give one of them another name",
            )
        self._here.has[name] = None
        return Dependent((name,), lambda point: point[name])

    def error(self, line: int, said: str) -> SpaceError:
        return SpaceError(f"{self.shown}, line {line}: {said}")

    def known(self, value: Any) -> Any:
        """`value` in this world, which may have to part; Unknown where it has too many."""
        if not isinstance(value, Dependent):
            return value
        left = {name: self._values(name) for name in value.parents}
        count = 1
        for values in left.values():
            count *= len(values)
        if not 0 < count <= MOST_COMBINATIONS:
            return Unknown(f"what depends on {' and '.join(value.parents)}")
        for name in value.parents:
            self._part(name, value, {each: self._values(each) for each in value.parents})
        try:
            return value.of({name: self._values(name)[0] for name in value.parents})
        except Exception:  # the objective would raise
            return Unknown(f"what depends on {' and '.join(value.parents)}")

    def _part(self, name: str, value: Dependent, left: Mapping[str, Sequence[Any]]) -> None:
        """Part by the values of `name` that make a difference."""
        others = [each for each in left if each != name]
        ways: dict[tuple[str, ...], list[Any]] = {}
        for one in left[name]:
            rest = itertools.product(*(left[each] for each in others))
            outcomes = tuple(
                _outcome(value, {name: one, **dict(zip(others, point, strict=True))}) for point in rest
            )
            ways.setdefault(outcomes, []).append(one)
        if len(ways) > 1:
            way = self._decide(len(ways))
            self._here.left[name] = tuple(list(ways.values())[way])

    def _decide(self, count: int) -> int:
        if self._place == len(self._decisions):
            self._open.extend([*self._decisions, other] for other in reversed(range(1, count)))
            self._decisions = [*self._decisions, 0]
        self._place += 1
        return self._decisions[self._place - 1]

    def _values(self, name: str) -> Sequence[Any]:
        """The values that the parameter may have here; none if they cannot be listed."""
        if name in self._here.left:
            return self._here.left[name]
        parameter = self._declared[name][0]
        match parameter:
            case Categorical():
                return parameter.choices
            case Int() if parameter.cells <= MOST_VALUES:
                return range(parameter.low, parameter.high + 1, parameter.step)
            case Float() if parameter.is_constant:
                return (parameter.low,)
        return ()

    def _conditions(self) -> Iterator[tuple[str, list[Condition]]]:
        for name in self._declared:
            homes = [world for world in self._worlds if name in world.has]
            found = []
            for parent in homes[0].left:
                if parent == name or not all(parent in world.left for world in homes):
                    continue
                listed = self._all(parent)
                # by place: choices may be equal and of different types, as 1 and True
                kept = [
                    one
                    for one in listed
                    if any(one is each or _same(one, each) for world in homes for each in world.left[parent])
                ]
                if len(kept) < len(listed):
                    found.append(Condition(parent, tuple(kept)))
            if found:
                yield name, found

    def _all(self, name: str) -> Sequence[Any]:
        self._here = World()
        return self._values(name)


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _outcome(value: Dependent, point: Mapping[str, Any]) -> str:
    try:
        found = value.of(point)
        return f"{type(found).__qualname__} {found!r}"
    except Exception as error:  # the objective would raise: these values go one way together
        return f"raises {type(error).__qualname__}"
