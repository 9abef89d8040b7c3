"""The best trials lie at the end of a range: the optimum may be outside."""

from __future__ import annotations

import math
from collections.abc import Iterator

from jupyter_tune.core.advice.finding import Finding
from jupyter_tune.core.parameters import Categorical, Float, Int, Scalar
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import Trial

FEWEST = 20
"""Trials that may be the best, before anything is said."""
END, NEAR = 0.05, 0.1
"""The parts of a range, in its scale, in which the best trial lies, and those after it."""
TOP, ENOUGH = 5, 4
"""Of the 5 best trials, 4 are near: by chance that is so at one of the ends in 1 of 3,000 cases."""
FURTHER = 0.5
"""How far outside a declared range is proposed: this part of its width, in its scale."""


def at_an_edge(study: Study) -> Iterator[Finding]:
    ranked = study.ranked
    # of several metrics no trial is the best, and a front reaches to the ends of ranges by its nature
    if len(study.objectives) > 1 or len(ranked) < FEWEST:
        return
    best = ranked[:TOP]
    for name, parameter in study.space.items():
        present = study.ranges[name]
        if isinstance(parameter, Categorical) or isinstance(present, Categorical) or present.is_constant:
            continue
        places = [present.to_unit(trial.params[name]) for trial in best if name in trial.params]
        # of few values the last one is no edge
        if len(places) < TOP or (present.cells or math.inf) < 1 / END:
            continue
        for end in (0, 1):
            further = _further(parameter, end)
            if further.range[end] == present.range[end]:
                continue  # there is nothing beyond: 0 of a quantity that is never negative
            count = sum(abs(place - end) <= NEAR for place in places)
            if count >= ENOUGH and abs(places[0] - end) <= END:
                yield _finding(study, name, further, end, count, best[0])


def _finding(study: Study, name: str, further: Float | Int, end: int, count: int, best: Trial) -> Finding:
    low, high = study.ranges[name].range
    side = "highest" if end else "lowest"
    text = (
        f"{name}: {count} of the {TOP} best trials lie in the {side} {NEAR:.0%} of its range, {low:g} to "
        f"{high:g} (trial {best.number}, the best, has {best.params[name]:g})"
    )
    declared = study.space[name].range
    if (low, high)[end] != declared[end]:
        wider: list[Scalar] = [declared[0] if end == 0 else low, declared[1] if end == 1 else high]
        return Finding.about_ranges(
            "edge", f"{text}, which had been narrowed", f"Widen {name}", {name: wider}
        )
    return Finding("edge", text, f"{name}: {further!r}", f", and --warm-start {study.name}")


def _further(parameter: Float | Int, end: int) -> Float | Int:
    """The range with this end moved outwards, as far as its scale allows."""
    low, high = parameter.range
    kind = type(parameter)
    if parameter.log:
        factor = (high / low) ** FURTHER
        low, high = (low / factor, high) if end == 0 else (low, high * factor)
    elif parameter.reverse_log:
        # distances from 1 are what counts
        factor = ((1 - low) / (1 - high)) ** FURTHER
        low, high = (max(0.0, 1 - (1 - low) * factor), high) if end == 0 else (low, 1 - (1 - high) / factor)
    else:
        width = FURTHER * (high - low)
        low, high = (
            (low - width if low < 0 else max(0, low - width), high) if end == 0 else (low, high + width)
        )
    if kind is Int:
        low, high = max(1, round(low)) if parameter.log else round(low), round(high)
        return Int(low, high, log=parameter.log)
    return Float(_rounded(low), _rounded(high), log=parameter.log, reverse_log=parameter.reverse_log)


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")
