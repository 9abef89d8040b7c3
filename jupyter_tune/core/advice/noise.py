"""Trials differ by noise more than by their parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jupyter_tune.core.advice.finding import Finding, results
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE

FEWEST = 20
"""Complete trials before anything is said."""
SHARE = 0.5
"""Of the variance between trials: more than this is noise."""


def mostly_noise(study: Study, landscape: Mapping[str, Any]) -> Iterator[Finding]:
    noise = landscape.get("noise")
    complete = len(results(study, COMPLETE))
    if noise is None or complete < FEWEST or noise < SHARE:
        return
    yield Finding(
        "noise",
        f"{study.settings.metric}: {noise:.0%} of the differences between {complete} trials are noise, which "
        "no parameter explains; the best value is partly luck",
        "--repeats 3",
        ", or more data for each measurement",
    )
