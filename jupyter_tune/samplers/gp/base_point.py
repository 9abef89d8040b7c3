"""Where all the other parameters stand while one or two are looked along.

They stand at the best trial's values (at the defaults before there is one), or where they
are held. What is looked along or held must exist there, so what it depends on is moved to a value
that lets it exist; a held value is never moved, and what cannot exist together is an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jupyter_tune.core.parameters import Params, Scalar
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.errors import OptionError


@dataclass(frozen=True, slots=True)
class BasePoint:
    """`axes`: what the axes stand at while another one is looked along; `others`: what all other parameters
    stand at that exist beside some value of the axes; `note`: what to know about them, "" for nothing."""

    axes: Params
    others: Params
    note: str

    @classmethod
    def of(cls, study: Study, axes: Sequence[str], at: object = None) -> BasePoint:
        """Around the best trial of `study`, with `axes` to look along and the values `at` held.

        Raises: OptionError if `at` is no mapping of names of parameters, or what it holds and the axes
                cannot exist together; SpaceError if a value lies outside the declared range.
        """
        space, best = study.space, study.best_trial
        held = _checked(space, {} if at is None else at)
        start = best.params if best is not None else space.defaults()
        params = {**start, **held}
        moved = _let_exist(space, params, axes, held)
        others = _others(space, params, axes)
        usual = "the best trial's values" if best is not None else "their defaults"
        notes = [f"other parameters at {usual}"] if others else []
        for name, value in held.items():
            if name in others and start.get(name) != value:
                notes.append(f"{name}={value!r} as asked")
        return cls(
            {name: params.get(name, space[name].default) for name in axes}, others, "; ".join(notes + moved)
        )


def _checked(space: Space, at: object) -> Params:
    if not isinstance(at, Mapping):
        raise OptionError(f"landscape: at is {at!r}; give a mapping of names of parameters to values")
    held: Params = {}
    for name, given in at.items():
        if name not in space:
            raise OptionError(f"landscape: at: {name!r} is not a parameter; there are {', '.join(space)}")
        parameter = space[name]
        value = parameter.check(given, name)
        # a value beside the grid of steps stands in the cell that it falls into
        held[name] = value if parameter.cells is None else parameter.from_unit(parameter.to_unit(value))
    return held


def _let_exist(space: Space, params: Params, axes: Sequence[str], held: Params) -> list[str]:
    """Moves what axes and held parameters depend on to where these exist; says what was moved."""
    wanted, for_axes = {*axes, *held}, set(axes)
    allowed: dict[str, tuple[Scalar, ...]] = {}
    children: dict[str, list[str]] = {}
    moved: list[str] = []
    # children first: all that is needed of a parent is known when its turn comes
    for name in reversed(list(space)):
        if name not in wanted:
            continue
        if name in allowed and (name not in params or params[name] not in allowed[name]):
            if name in held and name not in axes:
                ways_out = " or ".join(map(repr, allowed[name]))
                raise OptionError(
                    f"landscape: {' and '.join(children[name])} does not exist with {name}="
                    f"{held[name]!r}; hold {name} at {ways_out}, or not at all"
                )
            params[name] = allowed[name][0]
            where = "curve at " if name in axes else ""
            moved.append(f"{where}{name}={params[name]!r}, on which {' and '.join(children[name])} depends")
        for condition in space.conditions(name):
            parent = condition.parent
            if name in for_axes:
                for_axes.add(parent)
            elif parent in axes:
                continue  # it exists somewhere along that axis
            wanted.add(parent)
            children.setdefault(parent, []).insert(0, name)
            allowed[parent] = tuple(v for v in allowed.get(parent, condition.values) if v in condition.values)
            if not allowed[parent]:
                raise OptionError(
                    f"landscape: {' and '.join(children[parent])} never exist together, because they "
                    f"depend on different values of {parent}; choose one of them"
                )
    return moved[::-1]


def _others(space: Space, params: Params, axes: Sequence[str]) -> Params:
    others: Params = {}
    for name, parameter in space.items():
        exists = all(
            condition.parent in axes
            or (condition.parent in others and others[condition.parent] in condition.values)
            for condition in space.conditions(name)
        )
        if exists and name not in axes:
            others[name] = params.get(name, parameter.default)
    return others
