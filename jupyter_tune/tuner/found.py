"""What a Tuner has found, as its users see it."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from jupyter_tune.core.engine import Engine
from jupyter_tune.core.incumbent import Incumbent
from jupyter_tune.core.launches import trial_seed
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import Trial
from jupyter_tune.trials.repeats import seed_of
from jupyter_tune.tuner.runs import Runs
from jupyter_tune.views.best_params import BestParams

Method = TypeVar("Method", bound=Callable[..., Any])


def in_turn(method: Method) -> Method:
    """`method`, of a Tuner, under its lock."""

    @functools.wraps(method)
    def locked(self: Found, /, *args: Any, **kwargs: Any) -> Any:
        with self._lock:
            return method(self, *args, **kwargs)

    return locked  # type: ignore[return-value]  # wraps keeps the signature


@dataclass(slots=True)
class AskedTrial(Trial):
    """A trial as its Tuner gives it.

    repeat: which of its runs comes next, from 0; `seed`: for that run, from the seed of the study.
    """

    repeat: int = 0
    seed: int = 0


class Found:
    """The trials of a Tuner, and the best of them."""

    _space: Space
    _engine: Engine
    _lock: threading.RLock
    _shown: dict[int, AskedTrial]
    _runs: Runs

    @property
    def study(self) -> Study:
        """The study so far; to read, not to change. It has choices by their labels."""
        return self._engine.study

    @property
    def is_done(self) -> bool:
        """Whether all `trials` have ended: `ask` has nothing more to give. Never without `trials`."""
        with self._lock:
            return not self.study.live_count and self._engine.next_trial() is None

    @property
    def confirmed(self) -> Incumbent | None:
        """How sure the best trial is: its mean, interval and chance to be the best. None while nothing was
        measured more than once, by `confirm`, `repeats`, or as the same params again."""
        with self._lock:
            return self.study.confirmed

    @property
    def best_trials(self) -> list[Trial]:
        """The complete trials that no other beats in every metric, by number; none violates a constraint."""
        with self._lock:
            return [self._show(trial) for trial in self.study.best_trials]

    @property
    def best_trial(self) -> Trial:
        """The complete trial with the best value; where some params were measured more than once, the one
        that is expected to be the best by all measurements. Raises TuneError while there is none, and with
        several metrics, of which `best_trials` has the best."""
        return self._best()[0]

    @property
    def best_params(self) -> BestParams:
        """Its params, a dict; its `certainty` says how sure it is. Raises TuneError while there is none."""
        with self._lock:
            return BestParams(self._best()[0].params, self.study)

    @property
    def best_value(self) -> float:
        """Its value, in the metric's units; the mean of its measurements if there are several. Raises
        TuneError while there is none."""
        return self._best()[1]

    @in_turn
    def _best(self) -> tuple[Trial, float]:
        trial, value = self.study.require_best()
        return self._show(trial), value

    def _show(self, trial: Trial) -> AskedTrial:
        """A trial of the study as users see it: with the very objects among its params, where it has some."""
        number = trial.number
        shown = self._shown.get(number)
        if shown is None:
            shown = self._shown[number] = AskedTrial(number, self._space.decode(trial.params), trial.source)
        for field in fields(trial):
            if field.name != "params":
                setattr(shown, field.name, getattr(trial, field.name))
        shown.repeat = self._runs.repeat_of(number)
        shown.seed = seed_of(trial_seed(self.study.settings.seed, number), shown.repeat)
        return shown
