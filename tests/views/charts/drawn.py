"""Studies and figures for the tests of charts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from jupyter_tune.core.conditions import Condition
from jupyter_tune.core.events import (
    Event,
    Record,
    StudyOpened,
    TrialEnded,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.parameters import Categorical, Float, Params
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.views.charts import figure
from tests.views import studies

FAILED = studies.whole(0, "failed", error="boom")
STUDIES = {
    "empty": studies.study(),
    "one trial": studies.finished(1),
    "all failed": studies.study(*FAILED),
    "unreported": studies.study(*studies.started()),
    "many": studies.finished(60),
}


def trace(study: Study, chart: str, name: str) -> Any:
    return next(trace for trace in figure(study, chart, studies.landscape()).data if trace.name == name)


def of(space: Space, *params: Params, values: Sequence[float | None] = ()) -> Study:
    """Trials with these params, complete with these values (pruned without one), at one a minute."""
    events: list[Event] = []
    for number, (given, value) in enumerate(zip(params, values, strict=True)):
        state = "pruned" if value is None else "complete"
        events += [TrialSuggested(number, given, "gp"), TrialStarted(number, 1, f"local/{number % 2}")]
        events.append(TrialEnded(number, 1, state, value))
    opened = StudyOpened("s", space, Settings("loss", "minimize"))
    return Study.fold(Record(seq, 60.0 * seq, event) for seq, event in enumerate([opened, *events], 1))


MIXED = Space(
    {
        "opt": Categorical(["adam", "sgd", None]),
        "momentum": Float(0.0, 0.999, reverse_log=True),
        "lr<b>": Float(1e-4, 1e-1, log=True),
        "fixed": 3,
    },
    when={"momentum": [Condition("opt", ("sgd",))]},
)
TRIALS: list[Params] = [
    {"opt": "adam", "lr<b>": 1e-4, "fixed": 3},
    {"opt": "sgd", "momentum": 0.9, "lr<b>": 1e-2, "fixed": 3},
    {"opt": None, "lr<b>": 1e-1, "fixed": 3},
    {"opt": "sgd", "momentum": 0.0, "lr<b>": 1e-3, "fixed": 3},
]
LOSSES = [3.0, 1.0, None, math.nan]
ALONG: list[Params] = [{"lr": n / 14} for n in range(14)]
