"""No question that a driver asks at each record walks over all trials of a study, or over all that run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any
from unittest.mock import patch

import pytest

from jupyter_tune.core.commands import Command, Halt, Launch, Resume, Suggest
from jupyter_tune.core.events import (
    Event,
    Record,
    StudyOpened,
    TrialEnded,
    TrialReported,
    TrialResumed,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.numbered import Numbered
from jupyter_tune.core.roster import Roster
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, PRUNED
from jupyter_tune.registry import first_rung, make_engine, make_sampler
from tests.core.studies import SPACE

TRIALS, SLOTS, STEPS = 200, 20, 9
PRUNERS = ["asha", "hyperband", "median", "none"]


@contextmanager
def no_walks() -> Iterator[None]:
    """In here nothing may go through the trials or a rung, nor list the trials that run."""

    def walk(*args: Any) -> Any:
        raise AssertionError("it walks over the trials")

    with (
        patch.object(Numbered, "__iter__", walk),
        patch.object(Numbered, "values", walk),
        patch.object(Roster, "in_state", walk),
    ):
        yield


class Run:
    """A study whose trials go on in turns, as its engine commands; pruned ones leave a checkpoint."""

    def __init__(self, pruner: str):
        settings = Settings(
            "score",
            trials=TRIALS,
            workers=SLOTS,
            sampler="random",
            pruner=pruner,
            min_steps=1,
            max_steps=STEPS,
        )
        self.study = Study.fold([Record(1, 0.0, StudyOpened("test", SPACE, settings))], first_rung)
        self.kinds: set[type[Command]] = set()
        self._engine = make_engine(self.study)
        self._sampler = make_sampler("random")
        self._random = Random(0)
        self._todo: list[Command] = self._engine.go_on()
        self._running: dict[int, tuple[int, int]] = {}

    def until(self, trials: int) -> None:
        while len(self.study.trials) < trials:
            while self._todo:
                self._obey(self._todo.pop(0))
            self._engine.upcoming()
            number = self._random.choice(sorted(self._running))
            attempt, step = self._running[number]
            if step == STEPS:
                del self._running[number]
                self._tell(TrialEnded(number, attempt, COMPLETE))
            else:
                self.reports(number)

    def reports(self, number: int) -> None:
        attempt, step = self._running[number]
        self._running[number] = attempt, step + 1
        self._tell(TrialReported(number, attempt, step + 1, {"score": self._random.random()}))

    def running(self, at_least: int) -> list[int]:
        """Trials that have made so many steps, and have two more before them."""
        return [
            number for number, (_, step) in sorted(self._running.items()) if at_least <= step <= STEPS - 2
        ]

    def halts(self, number: int) -> bool:
        return any(isinstance(command, Halt) and command.number == number for command in self._todo)

    def _obey(self, command: Command) -> None:
        self.kinds.add(type(command))
        match command:
            case Suggest(number=number):
                params, source = self._sampler.suggest(self.study.snapshot(), command, number)
                self._tell(TrialSuggested(number, params, command.source or source))
            case Launch(number=number, attempt=attempt, resumed_from=step):
                self._running[number] = attempt, step
                self._tell(TrialStarted(number, attempt))
            case Halt(number=number, attempt=attempt, state=state):
                del self._running[number]
                self._tell(TrialEnded(number, attempt, state, checkpoint=True))
            case Resume(number=number, attempt=attempt):
                self._tell(TrialResumed(number, attempt))

    def _tell(self, event: Event) -> None:
        self._todo += self._engine.handle(Record(self.study.seq + 1, 0.0, event))


class Unwalked(dict[int, float]):
    """A curve through which nothing may go."""

    def walk(self, *args: Any) -> Any:
        raise AssertionError("it walks over a curve")

    __iter__ = keys = values = items = walk


@pytest.mark.parametrize("pruner", PRUNERS)
def test_a_report_costs_the_same_on_a_long_curve(pruner: str) -> None:
    run = Run(pruner)
    run.until(TRIALS // 2)
    judged = 0
    for number in run.running(at_least=3):
        # a snapshot may have the trial until then
        run.reports(number)
        trial = run.study.trials[number]
        trial.curve = Unwalked(trial.curve)
        judged += not run.halts(number)
        run.reports(number)
    assert judged


@pytest.mark.parametrize("pruner", PRUNERS)
def test_what_is_asked_at_each_record_costs_the_same_in_a_long_study(pruner: str) -> None:
    run = Run(pruner)
    # until something has succeeded it is asked whether all fail alike
    run.until(TRIALS // 2)
    assert run.study.counts[COMPLETE]
    run.kinds.clear()
    with no_walks():
        run.until(TRIALS)
    assert {Suggest, Launch} <= run.kinds
    if pruner != "none":
        assert Halt in run.kinds
        assert run.study.counts[PRUNED]
    assert (Resume in run.kinds) == (pruner in ("asha", "hyperband"))
