"""The suggestions of a golden journal, made again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from jupyter_tune.core.events import Record, TrialSuggested
from jupyter_tune.core.launches import trial_seed
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.space import Space
from jupyter_tune.driver.decisions import taken_again
from jupyter_tune.registry import make_sampler


@dataclass(frozen=True)
class Again:
    """What was recorded, and what the sampler suggests now from the same records."""

    recorded: TrialSuggested
    params: Params
    source: str
    enqueued: int | None
    ranges: Space


def suggested_again(records: Sequence[Record]) -> Iterator[Again]:
    # pairs each state with the record that comes next: a suggestion is made before it is recorded
    for (decisions, _, _), following in zip(taken_again(records), records[1:], strict=False):
        if isinstance(following.event, TrialSuggested):
            study, number = decisions.study, following.event.number
            command, ranges = decisions.engine.command_for(number), study.ranges
            params, source = ranges.defaults(), command.source
            if source != "default":
                seed = trial_seed(study.settings.seed, number)
                params, source = make_sampler(study.settings.sampler).suggest(study, command, seed)
            yield Again(following.event, params, source, command.enqueued, ranges)


def close_to(params: Params) -> dict[str, Any]:
    """Equal to params of the same twelve digits: in the last bit of a logarithm machines differ."""
    return {
        name: pytest.approx(value, rel=1e-12) if isinstance(value, float) else value
        for name, value in params.items()
    }
