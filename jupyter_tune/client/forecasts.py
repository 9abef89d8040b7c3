"""The forecast of a study: part of the handle that users hold."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from jupyter_tune.core.one_metric import require_target
from jupyter_tune.core.readers.numbers import whole
from jupyter_tune.core.study import Study
from jupyter_tune.errors import OptionError
from jupyter_tune.views.outlook import StudyForecast, outlook
from jupyter_tune.wire import requests
from jupyter_tune.wire.requests import Request

MOST = 200


class StudyForecasts(ABC):
    """Forecasts of `snapshot()`; what trials may gain is asked of the sampler's model."""

    @abstractmethod
    def snapshot(self) -> Study: ...

    @abstractmethod
    def ask(self, request: Request) -> Any: ...

    def forecast(
        self, trials: int | Sequence[int] = (1, 5, 20), *, target: str | None = None
    ) -> StudyForecast:
        """What is ahead: the time left, what more workers would save, and how much better more trials
        may make the best value, each with a band that is meant to hold the truth 8 times of 10.

        Args:
            trials: for how many more trials.
            target: with several metrics, in which of them they gain; by default the first.
        Raises: OptionError; DriverError if the study was interrupted.
        """
        count = whole(1, MOST)
        given = list(trials) if isinstance(trials, Sequence) else [trials]
        if not given:
            raise OptionError("trials: give a number of trials, such as 20")
        numbers = sorted({count(each, "trials") for each in given})
        study = self.snapshot()
        named = study.objectives[require_target(study, target)].metric
        gains = self.ask(requests.Gains(numbers, target))
        return outlook(self.snapshot(), time.time(), gains, named)
