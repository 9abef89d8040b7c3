"""What the stop rules of a running study need and its records do not hold: the clock, and the model.

    timeout            recorded as a stop once the study has run for `timeout_s`
    budget of hours    recorded as a stop in the moment in which the trials that run have spent it
    gain               estimated when trials have ended since, where a rule asks for it, and recorded

The estimate is computed in the sampler's thread, behind suggestions, and takes a SHARE-th of the time at
most: a study of short trials is not slowed down by asking whether it should go on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from jupyter_tune.core.advice import advice
from jupyter_tune.core.amounts import Budget
from jupyter_tune.core.events import Event, GainEstimated, StopRequested
from jupyter_tune.core.one_metric import one_metric
from jupyter_tune.core.stopping import stop_reason, timeout_reached
from jupyter_tune.core.stopping.budget import seconds_left
from jupyter_tune.core.stopping.gain import HORIZONS, LEAST_KNOWN, needs_gain
from jupyter_tune.core.study import Study
from jupyter_tune.driver.sampler_thread import SamplerThread
from jupyter_tune.driver.tasks import Tasks
from jupyter_tune.registry import has_model
from jupyter_tune.wire import requests

SHARE = 10
_SOON_S = 0.05
"""Added to the time at which a budget should be spent, so that it then is."""


def gain_of(study: Study, horizons: Sequence[int]) -> GainEstimated | None:
    """What each number of coming trials is expected to gain; None while too little is known.
    Takes a second."""
    # here, not above: it brings torch with it
    from jupyter_tune.samplers.gp.prospects import prospects

    found = prospects(study, horizons, guided=has_model(study.settings.sampler))
    if found is None:
        return None
    return GainEstimated(study.ended_count, found.noise, found.spread, found.gains)


def gains_of(study: Study, request: requests.Gains) -> list[list[float]]:
    """The answer to a request; in the sampler's thread, behind suggestions, as the other one.

    Raises: OptionError if the study is not after that metric.
    """
    found = gain_of(one_metric(study, request.target), request.trials)
    return [] if found is None else [list(row) for row in found.gains]


def landscape_of(study: Study, request: requests.Landscape) -> dict[str, Any]:
    """The answer to a request: the model (see samplers/gp/landscape) and, as JSON, `advice`: the
    findings about the study.

    Raises: OptionError, SpaceError as samplers/gp/landscape, OptionError if the study is not after the
        metric.
    """
    from jupyter_tune.samplers.gp.landscape import landscape

    picture = landscape(one_metric(study, request.target), request.x, request.y, at=request.at or None)
    # what advice says of the model is about the first metric
    is_of_the_first = request.target in (None, study.settings.metric)
    findings = advice(study, picture if is_of_the_first else {})
    return {**picture, "advice": [finding.to_json() for finding in findings]}


class Outlook:
    """Of `study`. `post`: has an event recorded; `notice`: tells users; `clock`: unix seconds."""

    def __init__(
        self,
        study: Study,
        thread: SamplerThread,
        tasks: Tasks,
        post: Callable[[Event], None],
        notice: Callable[[str, str], None],
        clock: Callable[[], float],
    ):
        self._study = study
        self._thread = thread
        self._tasks = tasks
        self._post = post
        self._notice = notice
        self._clock = clock
        self._spent: asyncio.TimerHandle | None = None
        self._known = -1
        self._not_before = 0.0
        self._is_estimating = self._has_failed = False

    def begin(self) -> None:
        """The driver has the study from now on."""
        timeout_s = self._study.settings.timeout_s
        if timeout_s is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(timeout_s, lambda: self._post(timeout_reached(timeout_s)))

    def look(self) -> None:
        """Trials have started or ended."""
        self._watch_the_budget()
        study = self._study
        known = study.ended_count
        if self._is_estimating or known == self._known or not needs_gain(study):
            return
        if study.search_ended is not None or stop_reason(study) is not None:
            return
        if known - study.progress.known_before < LEAST_KNOWN or study.best_trial is None:
            return
        self._is_estimating = True
        self._tasks.spawn(self._estimate(known))

    async def _estimate(self, known: int) -> None:
        await asyncio.sleep(max(0.0, self._not_before - time.monotonic()))
        began = time.monotonic()
        self._known = self._study.ended_count
        try:
            gain = await self._thread.run(gain_of, self._study.snapshot(), HORIZONS)
        except Exception as error:
            gain = None
            # a numerical failure of the model must not end a night's work
            if not self._has_failed:
                self._has_failed = True
                self._notice(
                    f"what the coming trials may gain is not known ({error!r}); the study goes on", "error"
                )
        self._not_before = time.monotonic() + SHARE * (time.monotonic() - began)
        self._is_estimating = False
        if gain is not None:
            self._post(gain)
        else:
            self.look()

    def _watch_the_budget(self) -> None:
        if self._spent is not None:
            self._spent.cancel()
            self._spent = None
        text = self._study.settings.budget
        left_s = None if text is None else seconds_left(self._study, Budget.of(text), self._clock())
        if left_s is not None:
            self._spent = asyncio.get_running_loop().call_later(left_s + _SOON_S, self._budget_spent)

    def _budget_spent(self) -> None:
        self._post(StopRequested(f"budget of {self._study.settings.budget} spent"))
