"""The handle that users hold: a view of a running or finished study, and its requests."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_tune.client.advising import AdvisedStudy
from jupyter_tune.client.connection import ANSWER_S, Connection
from jupyter_tune.client.disk import StudyDisk
from jupyter_tune.client.forecasts import StudyForecasts
from jupyter_tune.client.model import StudyModel
from jupyter_tune.client.notes import StudyNotes
from jupyter_tune.client.plots import StudyPlots
from jupyter_tune.client.replay import Replay, replay_study
from jupyter_tune.client.report import StudyReports
from jupyter_tune.client.reproduction import Reproduction, reproduce
from jupyter_tune.client.restarts import RESTARTS, Restart, Restarts, later, read_log
from jupyter_tune.client.shown import ShownStudy
from jupyter_tune.client.steering import StudySteering
from jupyter_tune.client.study_trial import StudyTrial, shown
from jupyter_tune.client.waiting import AwaitedStudy
from jupyter_tune.client.what_if import WhatIf, what_if
from jupyter_tune.core.codes import Code
from jupyter_tune.core.incumbent import Incumbent
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import INTERRUPTED, Study
from jupyter_tune.core.trial import Trial
from jupyter_tune.errors import DriverError
from jupyter_tune.views.best_params import BestParams
from jupyter_tune.views.tables.found import found_in_words
from jupyter_tune.wire import requests
from jupyter_tune.wire.requests import Request

if TYPE_CHECKING:
    import pandas

LANDSCAPE_S = 120.0
"""Seconds before a request to the model counts as hung: the driver may have torch to import first."""

_OF_THE_MODEL = (requests.Landscape, requests.Gains)


class StudyHandle(
    AwaitedStudy,
    StudyModel,
    StudySteering,
    StudyReports,
    StudyNotes,
    StudyPlots,
    StudyForecasts,
    StudyDisk,
    AdvisedStudy,
    ShownStudy,
):
    """A study, live or read from its file.

    `await study` or `study.wait()` waits for its end. Attributes of the moment: `state`
    (starting, running, paused, stopping, ended, interrupted), `trials`, `best_trial`, `best_params`,
    `best_value`, `best_trials`. `interrupted` means that the driver died. An ended or interrupted study goes
    on by `study.resume()`, or with 20 more trials by `study.resume(trials=20)`.
    Copied, pickled, or used in the next study's cell, it is opened again from its file.
    """

    def __init__(self, path: Path):
        super().__init__(path)
        self._declared: Space | None = None
        self._restarts = Restarts(self)

    def __reduce__(self) -> tuple[Callable[..., StudyHandle], tuple[Path, Space | None]]:
        # by its file: a copy, also one in a trial, follows the driver on a connection of its own
        return _read_declared, (self.path, self._declared)

    def declared_as(self, space: Space | None) -> StudyHandle:
        """This handle, which from now on gives params with the very objects that `space` declares.

        A file has their labels only: so has a handle that was read from one.
        """
        self._declared = space
        return self

    @property
    def declared(self) -> Space:
        """The space with the objects that it was declared with, where this handle knows them."""
        return self._declared or self.snapshot().space

    def _shown(self, study: Study, *trials: Trial) -> list[StudyTrial]:
        """Trials of `study`, which is a snapshot, for the user."""
        declared = self._declared or study.space
        return [
            shown(
                trial,
                self,
                params=declared.decode(trial.params),
                user_attrs=study.user_attrs(trial),
                note=study.notes.get(trial.number, ""),
                settings=study.settings,
            )
            for trial in trials
        ]

    def _best_of(self, study: Study) -> StudyTrial:
        return self._shown(study, study.require_best()[0])[0]

    def __repr__(self) -> str:
        state = self.state
        if self._fold is None:
            return f"<Study {self.name}: {state}>"
        study = self.snapshot()
        counts = ", ".join(f"{count} {name}" for name, count in study.counts.items() if count)
        found = found_in_words(study)
        found = f"; {found}" if found else ""
        since = datetime.datetime.fromtimestamp(study.opened_at).strftime("%Y-%m-%d %H:%M:%S")
        return f"<Study {self.name}: {state} since {since}; {counts or 'no trials yet'}{found}>"

    # what was found

    @property
    def trials(self) -> list[StudyTrial]:
        """All trials so far, by number; copies where they still run."""
        study = self.snapshot()
        return self._shown(study, *(trial for _, trial in sorted(study.trials.items())))

    @property
    def best_trials(self) -> list[StudyTrial]:
        """The complete trials that no other beats in every metric, by number; with one metric the best trial
        alone. None of them violates a constraint."""
        study = self.snapshot()
        return self._shown(study, *study.best_trials)

    @property
    def best_trial(self) -> StudyTrial:
        """The complete trial with the best value, and what it has kept: `.artifacts`, `.load()`, `.log`.

        Where some params were measured more than once, it is the one that is expected to be the best by all
        measurements.

        Raises TuneError while there is none, and with several metrics, of which `best_trials` has the best.
        """
        return self._best_of(self.snapshot())

    @property
    def best_params(self) -> BestParams:
        """The params of the best trial, a dict; its `certainty` says how sure it is. Raises TuneError while
        there is none."""
        study = self.snapshot()
        return BestParams(self._best_of(study).params, study)

    @property
    def confirmed(self) -> Incumbent | None:
        """How sure the best trial is: its mean, interval and chance to be the best. None while nothing was
        measured more than once, by `--confirm`, `--repeats`, folds, or as the same params again."""
        return self.snapshot().confirmed

    @property
    def best_value(self) -> float:
        """The value of the best trial, in the metric's units; the mean of its measurements if it was
        confirmed. Raises TuneError while there is none."""
        return self.snapshot().require_best()[1]

    def trials_dataframe(self) -> pandas.DataFrame:
        """One row a trial, with Optuna's columns: number value state params_… user_attrs_…
        datetime_start datetime_complete duration.

        Cells are the trials' own values; where a conditional parameter does not exist, its cell is
        missing (NaN or <NA>), and `enqueue` of a row passes over it.
        """
        from jupyter_tune.views.tables.frame import trials_frame

        return trials_frame(self.snapshot())

    def code_of(self, trial: Trial | int | None = None) -> Code:
        """The code that a trial ran last: its `.version`, `.text`, what `.changed` from the version before.

        Args: trial: a trial or its number; without it, the best trial.
        Raises: DriverError if there is no such trial.
        """
        study = self.snapshot()
        number = trial.number if isinstance(trial, Trial) else trial
        found = study.require_best()[0] if number is None else study.trials.get(number)
        if found is None:
            raise DriverError(f"code_of: there is no trial {trial!r}; the last is {study.highest}")
        return study.codes[found.code]

    def replay(self) -> Replay:
        """Make every decision again from the journal, and say how many differ, and how the first one does:
        suggestions, prunes, resumes, the end. The study may still run; it is only read."""
        return replay_study(self.path, self.name)

    def what_if(self, **changes: Any) -> WhatIf:
        """What the study would have cost with other settings, by its recorded curves and in virtual time:
        `what_if(pruner="none")`, `what_if(workers=8, reduction_factor=2)`, `what_if(sampler="random")`.

        Args: changes: sampler, pruner, workers, trials, min_steps, max_steps, reduction_factor, patience,
            target, seed.
        Raises: OptionError for another one, or a wrong value; TuneError if no trial has a value.
        """
        return what_if(self.path, self.name, changes)

    def reproduce(self, trial: Trial | int) -> Reproduction:
        """Run a trial again with its params, number, seed and code, and say whether the results agree. It
        runs as a study of its own, NAME-trial-NUMBER; this one is not changed. Waits for its end.

        Args: trial: a trial that has ended, or its number.
        Raises: DriverError if there is none, or this process does not have the study's code.
        """
        return reproduce(self, trial.number if isinstance(trial, Trial) else trial)

    def log(self, number: int) -> str:
        """What trial `number` printed, its last 200 kB."""
        return self.read_log(number)[0]

    def read_log(self, number: int) -> tuple[str, str]:
        """What trial `number` printed in its last attempt, its last 200 kB, and its traceback.

        Raises: DriverError if there is no such trial, TuneError if its log cannot be read.
        """
        return read_log(self.path, self.snapshot(), number)

    # requests

    def ask(self, request: Request) -> Any:
        """The result of a request. Raises what the driver raises."""
        answer = self._answer_after_the_end(request)
        if answer is not None:
            return answer()
        timeout = LANDSCAPE_S if isinstance(request, _OF_THE_MODEL) else ANSWER_S
        return self._live_connection.request(request, timeout=timeout)

    def send(self, request: Request) -> Future[Any]:
        """`ask` without waiting: the answer is the future's result."""
        answer = self._answer_after_the_end(request)
        return self._live_connection.send(request) if answer is None else later(answer)

    def _answer_after_the_end(self, request: Request) -> Callable[[], Any] | None:
        """How to answer a request for which another driver than the study's own is needed."""
        goes_on = isinstance(request, (requests.Resume, requests.More, requests.Retry))
        if not (self.is_over or (goes_on and self.is_stalled)):
            return None
        match request:
            case requests.Resume() | requests.More() | requests.Retry():
                return lambda: self._go_on(request)
            case requests.Enqueue() if self.state == "ended":
                return lambda: self._go_on(request)
            case requests.Annotate():
                return lambda: self._restarts.writes(request)
            case requests.Landscape() | requests.Gains():
                return lambda: self._restarts.draws().request(request, timeout=LANDSCAPE_S)
        return None

    def _go_on(self, request: Request) -> None:
        if not self._restarts.go_on(request):
            self.ask(request)

    @property
    def restart(self) -> Restart | None:
        """How its trials are run again; None where this process does not have its code."""
        return RESTARTS.get(self.path)

    @property
    def can_resume(self) -> bool:
        """Whether `resume` can go on after the end: this process has the study's code."""
        return self.restart is not None

    @property
    def _live_connection(self) -> Connection:
        if self._connection is None or self.state == INTERRUPTED:
            raise DriverError(f"study {self.name!r} is {self.state} and not running; {self._way_on}")
        return self._connection

    @property
    def _way_on(self) -> str:
        again = f"run its cell again with --resume --name {self.name}"
        return again if self.restart is None else f"study.resume() goes on with it, or {again}"


def _read_declared(path: Path, space: Space | None) -> StudyHandle:
    return StudyHandle.read(path).declared_as(space)
