"""Small studies made of events, for the tests of the core."""

from __future__ import annotations

from typing import Any

from jupyter_tune.core.events import (
    Event,
    Record,
    StudyOpened,
    TrialEnded,
    TrialReported,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.parameters import Float
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, ENDED, RUNNING, WAITING

SPACE = Space(x=Float(0, 1), y=Float(0, 1))


def study_of(*events: Event, **settings: Any) -> Study:
    """A study of these events, one second apart."""
    opened = StudyOpened("test", SPACE, Settings("score", **settings))
    return Study.fold(Record(seq, float(seq), event) for seq, event in enumerate([opened, *events], 1))


def suggested(number: int, source: str = "random") -> TrialSuggested:
    return TrialSuggested(number, {"x": 0.5, "y": 0.5}, source)


def reported(number: int, step: int, score: float, attempt: int = 1) -> TrialReported:
    return TrialReported(number, attempt, step, {"score": score})


def completed(number: int, value: float) -> list[Event]:
    return [suggested(number), TrialStarted(number, 1), TrialEnded(number, 1, COMPLETE, value)]


BY_STATE: dict[str, list[Event]] = {
    WAITING: [suggested(0)],
    RUNNING: [suggested(0), TrialStarted(0, 1)],
    **{state: [suggested(0), TrialStarted(0, 1), TrialEnded(0, 1, state)] for state in ENDED},
}
"""State -> the events that bring trial 0 into it."""
