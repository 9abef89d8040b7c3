"""Params <-> points of the declared unit cube <-> inputs of the model.

Three views of one suggestion:

- params: names and values, what a trial runs with;
- u: p numbers in [0, 1], one per axis, in the *declared* cube; narrowing moves no point, it
  only limits where candidates may lie;
- model inputs: u itself for numbers and ordered choices; an unordered choice becomes
  one column per choice, 0 or sqrt(1/2), so that two different choices are 1 apart, as
  far as the ends of a range, and all its columns share one lengthscale.

Constants are no axis. A discrete axis has levels, the u of each value it may take, and
candidates are snapped to them *before* they are scored, so the model is never asked about
a value that no trial can have. Very fine discrete axes offer about a thousand of their
values, evenly in scale: all of them where they are coarse, every k-th where they are fine.

An inactive parameter stands at its default's u. Whether it is active can be read off its
parent's coordinates, so it needs no column that says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from jupyter_tune.core.conditions import Condition
from jupyter_tune.core.parameters import Categorical, Float, Int, Parameter, Params, Scalar
from jupyter_tune.core.space import Space

Array = npt.NDArray[np.float64]

FINEST = 1024
"""Most levels of one axis."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One dimension of the search: a declared parameter and where candidates may lie.

    `low`, `high`: ends in u; `levels`: ascending u of the `values`, both None for a continuum.
    """

    name: str
    declared: Parameter
    now: Parameter
    low: float
    high: float
    levels: Array | None
    values: tuple[Scalar, ...] | None

    @property
    def is_unordered(self) -> bool:
        return isinstance(self.declared, Categorical) and not self.declared.ordered

    @property
    def columns(self) -> int:
        """Columns of the model's inputs: as many as choices, if they have no order."""
        return self.declared.cells or 1 if self.is_unordered else 1

    def value(self, u: float) -> Scalar:
        """The value at `u`; of a discrete axis the nearest level's."""
        if self.levels is not None and self.values is not None:
            return self.values[int(np.abs(self.levels - u).argmin())]
        assert isinstance(self.now, Float)  # only an uncountable Float has no levels
        value = self.declared.from_unit(u)
        assert isinstance(value, float)
        return min(self.now.high, max(self.now.low, value))


class Encoding:
    """The axes of `declared`, with candidates limited to `now` (declared, or narrowed)."""

    def __init__(self, declared: Space, now: Space):
        self.declared, self.now = declared, now
        self.axes = [_axis(name, p, now[name]) for name, p in declared.items() if not p.is_constant]
        self._column = {axis.name: j for j, axis in enumerate(self.axes)}
        self._is_conditional = any(declared.conditions(name) for name in declared)
        self._defaults = np.array([axis.declared.to_unit(axis.declared.default) for axis in self.axes])
        self.branches = [(j, levels) for j, axis in enumerate(self.axes) for levels in self._branches(axis)]
        """Axes that others depend on, each with levels beside which the same others exist."""
        self._one_hot = [axis.columns > 1 for axis in self.axes]
        self.groups = [j for j, axis in enumerate(self.axes) for _ in range(axis.columns)]
        first = np.searchsorted(self.groups, np.arange(len(self)))
        # numeric axes, the column of each; choices: axis, its first column and how many it has
        self._numeric = np.flatnonzero(~np.array(self._one_hot, dtype=bool))
        self._columns = first[self._numeric]
        self._choices = [
            (j, int(first[j]), axis.columns) for j, axis in enumerate(self.axes) if self._one_hot[j]
        ]

    def __len__(self) -> int:
        return len(self.axes)

    @property
    def key(self) -> str:
        """Names the declared space, for caches; its repr leaves out defaults and conditions."""
        return repr(self.declared.to_json())

    def _branches(self, axis: Axis) -> list[Array]:
        """The levels of `axis` by what exists beside them; none if nothing depends on it."""
        mine = [c for name in self.declared for c in self.declared.conditions(name) if c.parent == axis.name]
        if not mine or axis.levels is None or axis.values is None:
            return []
        kinds = [tuple(value in condition.values for condition in mine) for value in axis.values]
        return [
            np.array([u for u, of in zip(axis.levels, kinds, strict=True) if of == kind])
            for kind in dict.fromkeys(kinds)
        ]

    def members(self, u: Array) -> npt.NDArray[np.bool_]:
        """Which points lie in which branch: m x p -> m x b."""
        active = self.active(u)
        return np.column_stack(
            [active[:, j] & (np.abs(u[:, j, None] - at) < 1e-9).any(axis=1) for j, at in self.branches]
        )

    def to_unit(self, params: Params) -> list[float]:
        """`params` of any trial as u: p."""
        unit = self.declared.to_unit(params)
        return [unit[axis.name] for axis in self.axes]

    def to_params(self, u: Array) -> Params:
        """The params at `u`: p; they lie in `now`."""
        params: Params = {}
        for name, parameter in self.now.items():
            if self.now.active(name, params):
                j = self._column.get(name)
                params[name] = parameter.from_unit(0.5) if j is None else self.axes[j].value(float(u[j]))
        return params

    def to_inputs(self, u: Array) -> Array:
        """Model inputs at `u`: m x p -> m x c."""
        inputs = np.zeros((len(u), len(self.groups)))
        inputs[:, self._columns] = u[:, self._numeric]
        rows = np.arange(len(u))
        for j, first, choices in self._choices:
            chosen = np.clip((u[:, j] * choices).astype(np.intp), 0, choices - 1)
            inputs[rows, first + chosen] = math.sqrt(0.5)
        return inputs

    def by_units(self, by_inputs: Array) -> Array:
        """The chain rule of `to_inputs`: derivatives by inputs, m x c -> by u, m x p; 0 along choices."""
        by_units = np.zeros((len(by_inputs), len(self)))
        by_units[:, self._numeric] = by_inputs[:, self._columns]
        return by_units

    def snap(self, u: Array) -> Array:
        """`u`: m x p, moved into `now`: to the nearest levels, inactive axes to their defaults."""
        snapped = np.empty_like(u)
        for j, axis in enumerate(self.axes):
            if axis.levels is None:
                snapped[:, j] = np.clip(u[:, j], axis.low, axis.high)
            elif len(axis.levels) == 1:
                snapped[:, j] = axis.levels[0]
            else:
                middles = 0.5 * (axis.levels[1:] + axis.levels[:-1])
                snapped[:, j] = axis.levels[np.searchsorted(middles, u[:, j])]
        return self._rest(snapped) if self._is_conditional else snapped

    def spread(self, v: Array) -> Array:
        """Points `v`: m x p of [0, 1) spread over `now` and snapped; choices get equal shares."""
        u = np.empty_like(v)
        for j, axis in enumerate(self.axes):
            if axis.levels is not None and axis.is_unordered:
                u[:, j] = axis.levels[(v[:, j] * len(axis.levels)).astype(int)]
            else:
                u[:, j] = axis.low + v[:, j] * (axis.high - axis.low)
        return self.snap(u)

    def active(self, u: Array) -> npt.NDArray[np.bool_]:
        """Which axes exist at `u`: m x p -> m x p; parents come before their children."""
        found = np.ones(u.shape, dtype=bool)
        if not self._is_conditional:
            return found
        active: dict[str, npt.NDArray[np.bool_]] = {}
        for name in self.declared:
            alive = np.ones(len(u), dtype=bool)
            for condition in self.declared.conditions(name):
                alive &= active[condition.parent] & self._holds(u, condition)
            active[name] = alive
            if name in self._column:
                found[:, self._column[name]] = alive
        return found

    def _rest(self, u: Array) -> Array:
        """`u` with every inactive axis at its default."""
        return np.where(self.active(u), u, self._defaults)

    def _holds(self, u: Array, condition: Condition) -> npt.NDArray[np.bool_]:
        parent = self.declared[condition.parent]
        j = self._column.get(condition.parent)
        if j is None:
            return np.full(len(u), parent.default in condition.values)
        units = np.array([parent.to_unit(value) for value in condition.values])
        holds: npt.NDArray[np.bool_] = (np.abs(u[:, j, None] - units) < 1e-9).any(axis=1)
        return holds


def _axis(name: str, declared: Parameter, now: Parameter) -> Axis:
    if isinstance(now, Categorical):
        levels = np.array([declared.to_unit(choice) for choice in now.choices])
        return Axis(name, declared, now, *_ends(levels), levels, now.choices)
    ladder = _ladder(declared, now)
    if ladder is None:
        return Axis(name, declared, now, declared.to_unit(now.low), declared.to_unit(now.high), None, None)
    levels, values = ladder
    return Axis(name, declared, now, *_ends(levels), levels, values)


# choices are not cached: 1, 1.0 and True are equal keys and different values
@lru_cache(maxsize=256)
def _ladder(declared: Float | Int, now: Float | Int) -> tuple[Array, tuple[Scalar, ...]] | None:
    """Levels and values of a discrete number; None of a continuum."""
    cells = now.cells
    if cells is None:
        return None
    values: tuple[Scalar, ...]
    if cells > FINEST:
        values = tuple(dict.fromkeys(now.from_unit(i / (FINEST - 1)) for i in range(FINEST)))
    elif isinstance(now, Int):
        values = tuple(range(now.low, now.high + 1, now.step))
    else:
        values = tuple(dict.fromkeys(now.from_unit((i + 0.5) / cells) for i in range(cells)))
    return np.array([declared.to_unit(value) for value in values]), values


def _ends(levels: Array) -> tuple[float, float]:
    """Half a cell beyond the outer levels, so that they get the same share as the others."""
    gaps = np.diff(levels) / 2 if len(levels) > 1 else np.zeros(1)
    return max(0.0, float(levels[0] - gaps[0])), min(1.0, float(levels[-1] + gaps[-1]))
