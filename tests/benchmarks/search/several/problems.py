"""Problems of several objectives, and problems with constraints; all are minimised.

`reference`: beyond every front, in each objective; the usual one of the literature where there is one.
Sources: Zitzler et al. 2000 (ZDT), Deb et al. 2002 (DTLZ), Binh and Korn 1997 (BNH), Belakaria et al. 2019
(Branin-Currin), Kursawe 1990, Gardner et al. 2014, Coello 2002 (vessel, beam), Townsend 2014.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

Values = tuple[float, ...]
Evaluate = Callable[[list[float]], tuple[Values, Values]]
"""`Problem.call`, recording the results."""


@dataclass(frozen=True)
class Problem:
    """`bounds`: by parameter; `call`: values of the objectives, and excesses of the constraints (> 0 is
    violated); `version`: another one for another function of the same name."""

    name: str
    bounds: Mapping[str, tuple[float, float]]
    call: Callable[[Sequence[float]], tuple[Values, Values]]
    reference: Values
    constraints: int = 0
    whole: frozenset[str] = frozenset()
    version: int = 1


Study = Callable[[Problem, int, int, Evaluate], None]
"""study(problem, seed, trials, evaluate): run one study with a tuner."""


def _unit(dimensions: int) -> dict[str, tuple[float, float]]:
    return {f"x{i}": (0.0, 1.0) for i in range(dimensions)}


def _zdt(kind: int) -> Callable[[Sequence[float]], tuple[Values, Values]]:
    def call(x: Sequence[float]) -> tuple[Values, Values]:
        g = 1 + 9 * sum(x[1:]) / (len(x) - 1)
        ratio = x[0] / g
        shape = {1: 1 - math.sqrt(ratio), 2: 1 - ratio**2}.get(
            kind, 1 - math.sqrt(ratio) - ratio * math.sin(10 * math.pi * x[0])
        )
        return (x[0], g * shape), ()

    return call


def _dtlz2(x: Sequence[float]) -> tuple[Values, Values]:
    g = 1 + sum((each - 0.5) ** 2 for each in x[2:])
    a, b = x[0] * math.pi / 2, x[1] * math.pi / 2
    return (g * math.cos(a) * math.cos(b), g * math.cos(a) * math.sin(b), g * math.sin(a)), ()


def _bnh(x: Sequence[float]) -> tuple[Values, Values]:
    a, b = x
    values = (4 * a * a + 4 * b * b, (a - 5) ** 2 + (b - 5) ** 2)
    return values, ((a - 5) ** 2 + b * b - 25, 7.7 - (a - 8) ** 2 - (b + 3) ** 2)


def _branin_currin(x: Sequence[float]) -> tuple[Values, Values]:
    a, b = 15 * x[0] - 5, 15 * x[1]
    branin = (b - 5.1 / (4 * math.pi**2) * a * a + 5 / math.pi * a - 6) ** 2
    branin += 10 * (1 - 1 / (8 * math.pi)) * math.cos(a) + 10
    factor = 1 - math.exp(-1 / (2 * max(x[1], 1e-9)))
    top = 2300 * x[0] ** 3 + 1900 * x[0] ** 2 + 2092 * x[0] + 60
    return (branin, factor * top / (100 * x[0] ** 3 + 500 * x[0] ** 2 + 4 * x[0] + 20)), ()


def _kursawe(x: Sequence[float]) -> tuple[Values, Values]:
    first = sum(-10 * math.exp(-0.2 * math.hypot(a, b)) for a, b in pairwise(x))
    return (first, sum(abs(a) ** 0.8 + 5 * math.sin(a**3) for a in x)), ()


@lru_cache(maxsize=4096)
def _forest(depth: int, trees: int, features: float) -> Values:
    """Error and size of a forest on scikit-learn's digits; the size stands for the latency of its answers."""
    from sklearn.datasets import load_digits
    from sklearn.ensemble import RandomForestClassifier

    x, y = load_digits(return_X_y=True)
    forest = RandomForestClassifier(trees, max_depth=depth, max_features=features, random_state=0)
    forest.fit(x[:600], y[:600])
    size = sum(tree.tree_.node_count for tree in forest.estimators_)
    return 1 - float(forest.score(x[600:1200], y[600:1200])), math.log10(size)


def _digits(x: Sequence[float]) -> tuple[Values, Values]:
    return _forest(round(x[0]), round(x[1]), round(x[2], 2)), ()


SEVERAL = [
    *(Problem(f"ZDT{kind}", _unit(6), _zdt(kind), (11.0, 11.0)) for kind in (1, 2, 3)),
    Problem("DTLZ2", _unit(6), _dtlz2, (2.5, 2.5, 2.5)),
    Problem("BNH", {"x0": (0.0, 5.0), "x1": (0.0, 3.0)}, _bnh, (140.0, 50.0), 2),
    Problem("Branin-Currin", _unit(2), _branin_currin, (18.0, 6.0)),
    Problem("Kursawe", {f"x{i}": (-5.0, 5.0) for i in range(3)}, _kursawe, (-10.0, 15.0)),
    Problem(
        "forest on digits",
        {"x0": (1, 14), "x1": (1, 40), "x2": (0.02, 0.5)},
        _digits,
        (1.0, 5.0),
        whole=frozenset({"x0", "x1"}),
    ),
]


def _gardner_1(x: Sequence[float]) -> tuple[Values, Values]:
    a, b = x
    value = math.cos(2 * a) * math.cos(b) + math.sin(a)
    return (value,), (math.cos(a) * math.cos(b) - math.sin(a) * math.sin(b) + 0.5,)


def _townsend(x: Sequence[float]) -> tuple[Values, Values]:
    a, b = x
    value = -(math.cos((a - 0.1) * b) ** 2) - a * math.sin(3 * a + b)
    t = math.atan2(a, b)
    wave = 2 * math.cos(t) - math.cos(2 * t) / 2 - math.cos(3 * t) / 4 - math.cos(4 * t) / 8
    return (value,), (a * a + b * b - wave**2 - (2 * math.sin(t)) ** 2,)


def _vessel(x: Sequence[float]) -> tuple[Values, Values]:
    shell, head, radius, length = 0.0625 * round(x[0]), 0.0625 * round(x[1]), x[2], x[3]
    cost = 0.6224 * shell * radius * length + 1.7781 * head * radius**2
    cost += 3.1661 * shell**2 * length + 19.84 * shell**2 * radius
    volume = math.pi * radius**2 * length + 4 / 3 * math.pi * radius**3
    return (cost,), (0.0193 * radius - shell, 0.00954 * radius - head, 1296000 - volume)


def _beam(x: Sequence[float]) -> tuple[Values, Values]:
    h, l, t, b = x  # noqa: E741  # the letters of the source
    load, span, modulus, shear = 6000.0, 14.0, 30e6, 12e6
    moment, radius = load * (span + l / 2), math.sqrt(l * l / 4 + ((h + t) / 2) ** 2)
    inertia = 2 * math.sqrt(2) * h * l * (l * l / 12 + ((h + t) / 2) ** 2)
    primary, second = load / (math.sqrt(2) * h * l), moment * radius / inertia
    tau = math.sqrt(primary**2 + primary * second * l / radius + second**2)
    buckling = 4.013 * math.sqrt(modulus * shear * t * t * b**6 / 36) / span**2
    buckling *= 1 - t / (2 * span) * math.sqrt(modulus / (4 * shear))
    cost = 1.10471 * h * h * l + 0.04811 * t * b * (14 + l)
    deflection = 4 * load * span**3 / (modulus * t**3 * b)
    excess = (tau - 13600, 6 * load * span / (b * t * t) - 30000, h - b, deflection - 0.25, load - buckling)
    return (cost,), excess


CONSTRAINED = [
    Problem("Gardner", {"x0": (0.0, 6.0), "x1": (0.0, 6.0)}, _gardner_1, (2.0,), 1),
    Problem("Townsend", {"x0": (-2.25, 2.5), "x1": (-2.5, 1.75)}, _townsend, (3.0,), 1),
    Problem(
        "pressure vessel",
        {"x0": (1, 99), "x1": (1, 99), "x2": (10.0, 200.0), "x3": (10.0, 240.0)},
        _vessel,
        (4e5,),
        3,
        frozenset({"x0", "x1"}),
    ),
    Problem(
        "welded beam",
        {"x0": (0.125, 5.0), "x1": (0.1, 10.0), "x2": (0.1, 10.0), "x3": (0.1, 5.0)},
        _beam,
        (150.0,),
        5,
    ),
]
PROBLEMS = {problem.name: problem for problem in [*SEVERAL, *CONSTRAINED]}
