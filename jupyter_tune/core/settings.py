"""What was asked of a study: the options that its decisions depend on, in one value."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from jupyter_tune.core.constraints import Constraints
from jupyter_tune.core.objective import Objective
from jupyter_tune.core.readers.numbers import whole


@dataclass(frozen=True, slots=True)
class Settings:
    """What was asked of a study; the options of %%tune in one value.

    Units: `timeout_s`, `trial_timeout_s` seconds; `max_steps`, `min_steps` reports' steps; `trials`
    counts every trial that ends, also failed ones; `workers` trials at once; `retries` further attempts
    of a trial (see retries.py; None in studies recorded before there were any);
    `batch_deterministic`: no decision depends on timing (see rounds.py); `first`: the first trial's
    number.
    Rules that end the study, see stopping/: `patience_gain` a share of the best value; `price` and `budget`
    texts of core/amounts; `devices_per_trial` GPUs or cores of each trial, which a budget in hours counts.
    `keep`: the trials of each kind that keep their files, None for all (see keeping.py).
    `metric` and `direction` are what the study is after; `also` has the metric and direction of each further
    one, `subject_to` the constraints (see constraints.py). `repeats`: how often the code of each trial runs,
    with other seeds; `trials` counts it once. `confirm`: how many trials, the last, measure the
    best ones again.
    """

    metric: str
    direction: str = "maximize"
    trials: int | None = None
    workers: int = 1
    timeout_s: float | None = None
    target: float | None = None
    patience: int | None = None
    sampler: str = ""
    pruner: str = ""
    min_steps: int | None = None
    max_steps: int | None = None
    reduction_factor: int = 3
    seed: int = 0
    retries: int | None = None
    trial_timeout_s: float | None = None
    patience_gain: float | None = None
    stop_when_converged: bool = False
    price: str | None = None
    budget: str | None = None
    devices_per_trial: float = 1.0
    max_failures: int | None = None
    also: tuple[tuple[str, str], ...] = ()
    subject_to: tuple[str, ...] = ()
    batch_deterministic: bool = False
    repeats: int = 1
    confirm: int = 0
    first: int = 0
    keep: int | None = None

    @property
    def maximize(self) -> bool:
        return self.direction == "maximize"

    @property
    def objective(self) -> Objective:
        """The first, and mostly the only one."""
        return Objective(self.metric, self.maximize)

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """All that the study is after, the first one first."""
        return (self.objective, *(Objective(metric, way == "maximize") for metric, way in self.also))

    @property
    def grace(self) -> int:
        """Steps before which no trial is stopped, unless the pruner has a rule of its own: `min_steps`, else
        6 % of `max_steps`."""
        if self.min_steps is not None:
            return self.min_steps
        return max(1, round(0.06 * (self.max_steps or 1)))


def needed_metrics(settings: Settings, parameters: Iterable[str]) -> list[str]:
    """The metrics that a complete trial has to have: those the study is after, and its constraints'."""
    names = [objective.metric for objective in settings.objectives]
    return list(dict.fromkeys([*names, *Constraints(settings.subject_to, parameters).metrics]))


def settings_to_json(settings: Settings) -> dict[str, Any]:
    return dataclasses.asdict(settings)


def settings_from_json(data: Mapping[str, Any]) -> Settings:
    """The settings as they were written; what older journals lack has its default."""
    also = tuple((metric, direction) for metric, direction in data.get("also", ()))
    return Settings(**{**data, "also": also, "subject_to": tuple(data.get("subject_to", ()))})


def with_budget(settings: Settings, budget: Mapping[str, Any]) -> Settings:
    """`settings` with another budget: `trials` (None for no limit) and `workers`, each if it is there.

    Raises: OptionError.
    """
    count = whole(1)
    trials, workers = budget.get("trials", settings.trials), budget.get("workers")
    return replace(
        settings,
        trials=None if trials is None else count(trials, "trials"),
        workers=settings.workers if workers is None else count(workers, "workers"),
    )
