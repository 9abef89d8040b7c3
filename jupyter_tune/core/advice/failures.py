"""A region of one parameter in which every trial fails, while others do not."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from jupyter_tune.core.advice.finding import Finding, results
from jupyter_tune.core.failures import last_line
from jupyter_tune.core.parameters import Categorical, Scalar
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, FAILED, PRUNED, Trial

FEWEST = 4
"""Failures in the region."""
CHANCE = 0.01
"""Of a region like it if failures fell anywhere, for all regions of a parameter together."""


def where_all_fail(study: Study) -> Iterator[Finding]:
    ended = results(study, COMPLETE, PRUNED, FAILED)
    if sum(trial.state == FAILED for trial in ended) < FEWEST:
        return
    for name, parameter in study.ranges.items():
        having = [trial for trial in ended if name in trial.params and trial.source != "added"]
        if isinstance(parameter, Categorical):
            yield from _choices(name, parameter, having)
        elif not parameter.is_constant:
            yield from _ends(study, name, having)


def _choices(name: str, parameter: Categorical, trials: Sequence[Trial]) -> Iterator[Finding]:
    bad: list[Scalar] = []
    failed: list[Trial] = []
    for choice in parameter.choices:
        inside = [trial for trial in trials if trial.params[name] == choice]
        outside = [trial for trial in trials if trial.params[name] != choice]
        if _is_no_chance(inside, outside, len(parameter.choices)):
            bad.append(choice)
            failed += inside
    kept = [choice for choice in parameter.choices if choice not in bad]
    if bad and kept:
        where = " and ".join(map(repr, bad))
        yield Finding.about_ranges(
            "failures", _text(name, f"with {where}", failed), f"Leave out {where}", {name: kept}
        )


def _ends(study: Study, name: str, trials: Sequence[Trial]) -> Iterator[Finding]:
    """The failures that lie at one end, up to the first trial that did not fail."""
    ranges = study.ranges[name]

    def place(trial: Trial) -> float:
        return ranges.to_unit(trial.params[name])

    for end in (0, 1):
        ordered = sorted(trials, key=place, reverse=end == 1)
        count = next((i for i, trial in enumerate(ordered) if trial.state != FAILED), len(ordered))
        inside, outside = ordered[:count], ordered[count:]
        if not outside or not _is_no_chance(inside, outside, len(ordered)):
            continue
        last, first = inside[-1].params[name], outside[0].params[name]
        if last == first:
            continue
        middle = ranges.from_unit((ranges.to_unit(last) + ranges.to_unit(first)) / 2)
        low, high = ranges.range
        bound = middle if middle != last else first
        kept = [bound, high] if end == 0 else [low, bound]
        where = f"{'above' if end else 'below'} {bound:.3g}"
        yield Finding.about_ranges(
            "failures", _text(name, where, inside), f"Leave out {name} {where}", {name: kept}
        )


def _is_no_chance(inside: Sequence[Trial], outside: Sequence[Trial], regions: int) -> bool:
    """Whether all `inside` failed, and so few `outside` that it is no chance. `regions`: how many were
    asked."""
    failed = sum(trial.state == FAILED for trial in outside)
    if len(inside) < FEWEST or any(trial.state != FAILED for trial in inside):
        return False
    # Fisher's exact test, one-sided: of all ways to place the failures, the share in which those inside all
    # fail; no other is as extreme
    ways = math.comb(len(inside) + failed, len(inside)) / math.comb(len(inside) + len(outside), len(inside))
    return ways * regions < CHANCE


def _text(name: str, where: str, failed: Sequence[Trial]) -> str:
    why = last_line(failed[-1].error) or failed[-1].reason
    said = f" (the last: {why})" if why else ""
    return f"{name}: all {len(failed)} trials {where} failed{said}"
