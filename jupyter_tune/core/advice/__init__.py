"""What a study's results say about its set-up: findings in words, each with its figure and what to do.

    edges.py       the best lie at the end of a range               widen it
    effects.py     a parameter explains nothing                     fix it
    failures.py    a region fails and nothing else does             exclude it
    noise.py       trials differ by noise more than by parameters   measure each several times
    pruning.py     first reports do not foretell the end            prune later

Each rule asks for enough trials that chance would seldom bring its finding about, and the text has the
numbers on which it stands. A study without findings may still be a bad one: these are the faults that its
results show.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jupyter_tune.core.advice.edges import at_an_edge
from jupyter_tune.core.advice.effects import without_effect
from jupyter_tune.core.advice.failures import where_all_fail
from jupyter_tune.core.advice.finding import Finding
from jupyter_tune.core.advice.noise import mostly_noise
from jupyter_tune.core.advice.pruning import pruned_too_early
from jupyter_tune.core.study import Study

__all__ = ["Finding", "advice"]


def advice(study: Study, landscape: Mapping[str, Any]) -> list[Finding]:
    """The findings, what costs most first. `landscape`: the model of the study, see samplers/gp/landscape."""

    def found() -> Iterator[Finding]:
        yield from where_all_fail(study)
        yield from at_an_edge(study)
        yield from mostly_noise(study, landscape)
        yield from pruned_too_early(study)
        yield from without_effect(study, landscape)

    return list(found())
