"""A user who requests anything at any time, and in the end only what helps."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from jupyter_tune.client.restarts import Beginning, _how
from jupyter_tune.core.events import StopRequested
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import CANCELLED, FAILED, PRUNED, RUNNING
from jupyter_tune.driver.loop import StudyLoop
from jupyter_tune.driver.requests import grant
from jupyter_tune.errors import TuneError
from jupyter_tune.wire import requests
from jupyter_tune.wire.requests import KEEP, Request, Steering
from tests.simulation.trace import Trace

PATIENCE_S = 200.0
"""Seconds after which the user cancels a trial that still runs, once no more faults come."""


class User:
    def __init__(self, random: Random, trace: Trace):
        self._random = random
        self._trace = trace

    def may_want_more(self, loop: StudyLoop) -> None:
        """At the end of a trial, maybe the last one."""
        if self._random.random() < 0.15:
            self.requests(loop, self._random.choice([requests.Retry(FAILED), requests.More(1)]))

    def acts(self, loop: StudyLoop) -> None:
        """A request by chance, answered as a driver answers it (server.py)."""
        self.requests(loop, self._any(loop.study))

    def helps(self, loop: StudyLoop, now: float) -> None:
        """Take a pause back, and end what is silent."""
        if loop.study.paused:
            self.requests(loop, requests.Resume())
        for trial in loop.study.in_state(RUNNING):
            if trial.started_at is not None and now - trial.started_at > PATIENCE_S:
                self.requests(loop, requests.Halt(trial.number, CANCELLED))

    def requests(self, loop: StudyLoop, request: Request) -> None:
        self._trace.note("user", "requests", request)
        try:
            if isinstance(request, Steering):
                grant(loop, request)
            elif loop.study.stop_reason is None:
                loop.post(StopRequested("stopped by the user"), at_once=True)
        except TuneError as refusal:
            self._trace.note("driver", "refuses:", refusal)

    def goes_on(self, study: Study) -> tuple[Settings, Beginning] | None:
        """How the user resumes a study that has ended; None if it cannot be resumed so."""
        request: Request = self._random.choice(
            [
                requests.Resume(),
                requests.More(self._random.randint(1, 5)),
                requests.Retry(FAILED),
                requests.Enqueue(self._params()),
            ]
        )
        try:
            return _how(study, request)
        except TuneError as refusal:
            self._trace.note("user", f"cannot go on by {request}:", refusal)
            return None

    def _any(self, study: Study) -> Request:
        random = self._random
        live = study.live
        number = random.randint(0, max(0, study.highest))
        kinds: list[Callable[[], Request]] = [
            requests.Pause,
            requests.Resume,
            lambda: requests.More(random.randint(1, 3)),
            lambda: requests.Narrow(self._ranges()),
            lambda: requests.Narrow(self._ranges()),
            lambda: requests.Enqueue(self._params()),
            lambda: requests.Enqueue(self._params()),
            lambda: requests.Halt(number, random.choice([PRUNED, CANCELLED])),
            lambda: requests.Halt(number, random.choice([PRUNED, CANCELLED])),
            lambda: requests.Retry(FAILED if random.random() < 0.5 else number),
            lambda: requests.Budget(
                KEEP if random.random() < 0.5 else random.randint(1, 16), random.randint(1, 4)
            ),
            lambda: requests.Undo(None),
            lambda: requests.Undo(random.choice(study.undoable or (1,))),
            lambda: requests.Halt(random.choice(live).number if live else 0, CANCELLED),
            requests.Stop,
            requests.Stop,
        ]
        return random.choice(kinds)()

    def _params(self) -> dict[str, object]:
        return self._random.choice(
            [{"x": self._random.random()}, {"kind": "b", "depth": self._random.randint(1, 8)}, {"kind": "a"}]
        )

    def _ranges(self) -> dict[str, list[object]]:
        low = self._random.uniform(0, 0.8)
        return self._random.choice(
            [{"x": [low, low + 0.2]}, {"kind": ["a"]}, {"kind": ["b"], "depth": [2, 4]}]
        )
