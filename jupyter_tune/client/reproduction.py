"""`study.reproduce(trial)`: a trial is run again, as a study of its own, and both results are compared.

It has the same params, number, seed, code and share of the machine. The code is that of this process, and the
data are those that it has now; what of them is not what the trial ran is named.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_tune import journal
from jupyter_tune.client.restarts import Beginning, way_on
from jupyter_tune.core.codes import changes
from jupyter_tune.core.launches import trial_seed
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, Trial
from jupyter_tune.errors import DriverError, TuneError

if TYPE_CHECKING:
    from jupyter_tune.client.handle import StudyHandle


@dataclass(frozen=True)
class Reproduction:
    """What came of running a trial again.

    `trial`: as it was; `again`: as it is now; `metric`, `seed`: of both; `changed`: what of the code and data
    is not what the trial ran, a phrase for each; `study`: the name of the new study; `differs_at`: the first
    step at which the two differ; None if none does.
    """

    trial: Trial
    again: Trial
    metric: str
    seed: int
    changed: tuple[str, ...]
    study: str
    differs_at: int | None

    @property
    def agrees(self) -> bool:
        """Whether both have the same readings at every step that both have reported, and, where both are
        complete, the same value."""
        both = self.trial.state == self.again.state == COMPLETE
        same_value = _equal(self.trial.value, self.again.value)
        return self.differs_at is None and (same_value if both else self.again.state == COMPLETE)

    def __repr__(self) -> str:
        number = self.trial.number
        lines = [
            f"Trial {number} was {self.trial.state}, {_value(self.metric, self.trial)}; run again as study "
            f"{self.study} with the same params and seed {self.seed}: {self.again.state}, "
            f"{_value(self.metric, self.again)}."
        ]
        common = len(self.trial.curve.keys() & self.again.curve.keys())
        if self.agrees:
            lines.append(f"They agree{f' at all {common} steps that both reported' if common else ''}.")
        elif self.differs_at is not None:
            then, now = self.trial.curve[self.differs_at], self.again.curve[self.differs_at]
            lines.append(f"They differ first at step {self.differs_at}: {then!r} then, {now!r} now.")
        else:
            lines.append(f"They differ: {self.again.reason or self.again.error or 'in their values'}.")
        if self.changed:
            lines.append(f"It did not run the same: {', '.join(self.changed)} changed.")
        return "\n".join(lines)


def reproduce(handle: StudyHandle, number: int) -> Reproduction:
    """Run trial `number` of a study again, wait for it, and compare.

    Raises: DriverError if there is no such trial, it has not ended, or this process does not have the code.
    """
    study = handle.snapshot()
    trial = study.trials.get(number)
    if trial is None or trial.is_live:
        what = "there is no such trial" if trial is None else f"it is {trial.state}"
        raise DriverError(f"reproduce: trial {number}: {what}; give one that has ended")
    if handle.restart is None:
        raise DriverError(
            f"reproduce: this process does not have the code of study {handle.name!r}; "
            f"{way_on(study, handle.name)}"
        )
    path = _free_path(handle.path, f"{handle.name}-trial-{number}")
    connection, _ = handle.restart(_alone(study, number), Beginning(enqueue=trial.params, apart=path))
    follow: Callable[..., StudyHandle] = type(handle).follow
    again = follow(path, connection)
    try:
        again.wait()
        now = again.snapshot()
    finally:
        again.close()
    if number not in now.trials:
        raise TuneError(f"reproduce: trial {number} did not run again: {now.end_reason or again.state}")
    twin = now.trials[number]
    return Reproduction(
        trial,
        twin,
        study.settings.metric,
        trial_seed(study.settings.seed, number),
        tuple(changes(study.codes[trial.code].origin, now.origin)),
        again.name,
        _first_difference(trial, twin),
    )


def _alone(study: Study, number: int) -> Settings:
    """The settings of a study of this trial alone: with its share of the machine, ended by no rule."""
    return replace(
        study.settings,
        trials=1,
        first=number,
        sampler="random",
        pruner="none",
        timeout_s=None,
        target=None,
        patience=None,
        patience_gain=None,
        price=None,
        budget=None,
        stop_when_converged=False,
        batch_deterministic=False,
    )


def _free_path(beside: Path, stem: str) -> Path:
    names = (stem if count == 1 else f"{stem}-{count}" for count in itertools.count(1))
    paths = (beside.with_name(f"{name}{journal.SUFFIX}") for name in names)
    return next(path for path in paths if not journal.is_taken(path))


def _first_difference(one: Trial, other: Trial) -> int | None:
    common = sorted(one.curve.keys() & other.curve.keys())
    return next((step for step in common if not _equal(one.curve[step], other.curve[step])), None)


def _equal(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return one == other or (math.isnan(one) and math.isnan(other))


def _value(metric: str, trial: Trial) -> str:
    return f"{metric} {trial.value:.6g}" if trial.value is not None else f"no {metric}"
