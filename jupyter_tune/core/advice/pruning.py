"""Trials are stopped at a step whose readings do not foretell the end."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import StatisticsError, correlation

from jupyter_tune.core.advice.finding import Finding, measured, results
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import PRUNED, Trial

FEWEST = 10
"""Trials that ran to the end, before anything is said."""
WEAK, STRONG = 0.4, 0.6
"""Rank correlations of the readings at a step with the values at the end: too weak to prune by, and enough.
Trials that ran to the end are the better ones of their rungs; among them ranks correlate less than among
all."""
SURE = 1.645
"""Standard errors (of Fisher's transform) by which a correlation lies below WEAK: 95 %, one-sided."""


def pruned_too_early(study: Study) -> Iterator[Finding]:
    complete = [trial for trial in measured(study) if trial.curve]
    pruned = len(results(study, PRUNED))
    if not pruned or len(complete) < FEWEST or not study.rungs:
        return
    correlations = {level: _foretold(study, level, complete) for level in study.rungs}
    first = min(correlations)
    told = correlations[first]
    if told is None or math.atanh(max(-0.99, min(0.99, told))) + SURE / math.sqrt(
        len(complete) - 3
    ) >= math.atanh(WEAK):
        return
    later = next((level for level, r in sorted(correlations.items()) if r is not None and r >= STRONG), None)
    text = (
        f"{pruned} trials were pruned, from step {first} on; of the {len(complete)} that ran "
        f"to the end, the ranks at step {first} and at the end correlate by {told:.2f}"
    )
    if later is None:
        yield Finding("pruning", text, "--pruner none")
    else:
        more = f" (there the ranks correlate by {correlations[later]:.2f})"
        yield Finding("pruning", text, f"--min-steps {later}", more)


def _foretold(study: Study, level: int, trials: Sequence[Trial]) -> float | None:
    """Spearman's correlation of the readings at `level` with the final values; None where it has none."""
    readings = study.rungs[level]
    pairs = [
        (readings[t.number], t.value)
        for t in trials
        if t.value is not None and t.number in readings and not math.isnan(readings[t.number])
    ]
    if len(pairs) < FEWEST:
        return None
    try:
        return correlation(_ranks([first for first, _ in pairs]), _ranks([last for _, last in pairs]))
    except StatisticsError:
        return None  # all alike: there are no ranks


def _ranks(values: Sequence[float]) -> list[float]:
    """The rank of each value, equals at the middle of theirs."""
    places: dict[float, list[int]] = {}
    for place, value in enumerate(sorted(values)):
        places.setdefault(value, []).append(place)
    return [(places[value][0] + places[value][-1]) / 2 for value in values]
