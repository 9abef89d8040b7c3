"""Studies for the samplers' tests, made the only way there is: by folding records."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from jupyter_tune.core.commands import Suggest
from jupyter_tune.core.conditions import Condition
from jupyter_tune.core.events import (
    Event,
    RangesNarrowed,
    Record,
    StudyOpened,
    TrialEnded,
    TrialReported,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.launches import trial_seed
from jupyter_tune.core.parameters import Categorical, Float, Int, Params
from jupyter_tune.core.ports import Sampler
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.registry import first_rung
from jupyter_tune.samplers.sobol import SobolSampler


def new_study(space: Space, *, maximize: bool = False, trials: int | None = 30, **options: Any) -> Study:
    direction = "maximize" if maximize else "minimize"
    settings = Settings("loss", direction, trials=trials, **options)
    return Study(StudyOpened("test", space, settings), first_rung=first_rung)


def tell(study: Study, event: Event) -> None:
    study.apply(Record(study.seq + 1, float(study.seq + 1), event))


def begin(study: Study, params: Params, source: str = "random") -> int:
    number = study.highest + 1
    tell(study, TrialSuggested(number, params, source, study.revision))
    tell(study, TrialStarted(number, 1))
    return number


def finish(
    study: Study,
    params: Params,
    value: float | None,
    *,
    state: str = "complete",
    curve: Iterable[float] = (),
) -> int:
    number = begin(study, params)
    for step, reading in enumerate(curve, 1):
        tell(study, TrialReported(number, 1, step, {"loss": reading}))
    tell(study, TrialEnded(number, 1, state, value))
    return number


def narrow(study: Study, **ranges: Any) -> None:
    wholes = {**study.ranges.ranges(), **{name: list(to) for name, to in ranges.items()}}
    tell(study, RangesNarrowed(study.revision + 1, wholes))


def suggest(sampler: Sampler, study: Study, number: int | None = None, **fields: Any) -> Params:
    number = study.highest + 1 if number is None else number
    seed = trial_seed(study.settings.seed, number)
    return sampler.suggest(study, Suggest(number, **fields), seed)[0]


def optimise(sampler: Sampler, study: Study, objective: Callable[[Params], float], trials: int) -> Study:
    """`trials` one after another, the defaults first."""
    for number in range(study.highest + 1, study.highest + 1 + trials):
        params = study.ranges.defaults() if number == 0 else suggest(sampler, study)
        finish(study, params, objective(params))
    return study


def explored(
    space: Space, objective: Callable[[Params], float], trials: int, *, maximize: bool = False
) -> Study:
    """A study of `trials` Sobol points."""
    study = new_study(space, maximize=maximize)
    for _ in range(trials):
        params = suggest(SobolSampler(), study)
        finish(study, params, objective(params))
    return study


MIXED = Space(
    lr=Float(1e-5, 1.0, log=True),
    momentum=Float(0.0, 0.999, reverse_log=True),
    dropout=Float(0.0, 0.8, step=0.1),
    width=Int(8, 1024, log=True),
    layers=Int(1, 5),
    batch=Int(16, 256, step=16),
    size=Categorical(["small", "medium", "large"], ordered=True),
    activation=Categorical(["relu", "tanh", "gelu", None]),
    flag=Categorical([True, False]),
    fixed=7,
)

CONDITIONAL = Space(
    {
        "optimizer": Categorical(["adam", "sgd"]),
        "momentum": Float(0.0, 0.99),
        "nesterov": Categorical([False, True]),
        "dampening": Float(0.0, 0.5),
        "lr": Float(1e-4, 1.0, log=True),
    },
    when={
        "momentum": [Condition("optimizer", ("sgd",))],
        "nesterov": [Condition("optimizer", ("sgd",))],
        "dampening": [Condition("nesterov", (False,))],
    },
)

PLANE = Space(x=Float(0, 1), y=Float(1e-3, 1.0, log=True))

DISCRETE = Space(a=Int(1, 3), b=Categorical(["x", "y"]), c=Float(0.0, 1.0, step=0.5))

SPACES = {"mixed": MIXED, "conditional": CONDITIONAL, "discrete": DISCRETE}


def some_loss(params: Params) -> float:
    """A smooth function of whatever the params are."""
    total = 0.0
    for name, value in sorted(params.items()):
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            total += (float(value) - 0.3) ** 2 / (1 + abs(float(value)))
        else:
            total += len(f"{name}{value}") % 5 * 0.1
    return total
