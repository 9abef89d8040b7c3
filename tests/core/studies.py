"""Small studies made of events, for the tests of the core."""

from __future__ import annotations

from typing import Any

from jupyter_tune.core.events import Event, Record, StudyOpened, TrialReported, TrialSuggested
from jupyter_tune.core.parameters import Float
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study

SPACE = Space(x=Float(0, 1), y=Float(0, 1))


def study_of(*events: Event, **settings: Any) -> Study:
    """What is known after these events."""
    opened = StudyOpened("test", SPACE, Settings("score", **settings))
    return Study.fold(Record(seq, float(seq), event) for seq, event in enumerate([opened, *events], 1))


def suggested(number: int, source: str = "random") -> TrialSuggested:
    return TrialSuggested(number, {"x": 0.5, "y": 0.5}, source)


def reported(number: int, step: int, score: float, attempt: int = 1) -> TrialReported:
    return TrialReported(number, attempt, step, {"score": score})
