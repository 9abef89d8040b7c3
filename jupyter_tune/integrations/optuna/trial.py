"""What an Optuna objective is given in a trial: it answers from the params that the study suggested.

suggest_...     the value of that name; the range that is asked for must hold it
report          a report of the study's metric
should_prune    whether the verdict on the last report was to stop. An objective that reports on without
                asking is stopped at its next report: it would run on for nothing
set_constraint  a metric of that name, about which the study has `subject_to="NAME <= 0"`
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from jupyter_tune.core.measurements import as_metric
from jupyter_tune.core.parameters import Parameter
from jupyter_tune.errors import OptionError, SpaceError, TuneError
from jupyter_tune.integrations.optuna import ranges
from jupyter_tune.trials import report as here
from jupyter_tune.trials.channel import TrialHalted

VALUE = "value"
"""The metric where no study runs the trial, as Optuna's tables call it."""


class ObjectiveTrial:
    """The `trial` of an Optuna objective.

    Args: params: of the whole trial, by name.
    """

    def __init__(self, params: Mapping[str, Any]):
        self._given = params
        self._asked: dict[str, Any] = {}
        self._constraints: dict[str, float] = {}
        self._halt: TrialHalted | None = None
        self._started = datetime.datetime.now()

    def suggest_float(
        self, name: str, low: float, high: float, *, step: float | None = None, log: bool = False
    ) -> float:
        value: float = self._value(name, ranges.suggest_float(name, low, high, step=step, log=log))
        return value

    def suggest_int(self, name: str, low: int, high: int, *, step: int = 1, log: bool = False) -> int:
        value: int = self._value(name, ranges.suggest_int(name, low, high, step=step, log=log))
        return value

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        return self._value(name, ranges.suggest_categorical(name, choices))

    def suggest_uniform(self, name: str, low: float, high: float) -> float:
        return self.suggest_float(name, low, high)

    def suggest_loguniform(self, name: str, low: float, high: float) -> float:
        return self.suggest_float(name, low, high, log=True)

    def suggest_discrete_uniform(self, name: str, low: float, high: float, q: float) -> float:
        return self.suggest_float(name, low, high, step=q)

    def _value(self, name: str, asked: Parameter) -> Any:
        if name not in self._given:
            raise SpaceError(
                f"{name}: the trial has no such parameter, it has {', '.join(self._given) or 'none'}; give "
                f"the ranges to the study, with one of {name}: jt.tune(..., space={{{name!r}: ...}})"
            )
        try:
            self._asked[name] = asked.check(self._given[name], name)
        except SpaceError as error:
            raise SpaceError(
                f"{error}, which is what the objective asks for here. If the range depends on another "
                "parameter, give the widest one to the study, and what must hold between the two as "
                f"subject_to='{name} <= ...'"
            ) from None
        return self._asked[name]

    def report(self, value: float, step: int) -> None:
        """Report the study's metric, the first of several. The verdict is `should_prune()`.

        Raises: TrialHalted where the objective reports on without having asked for it.
        """
        if self._halt is not None:
            raise self._halt
        try:
            metric: dict[str, Any] = {self._metrics[0]: value}
            here.report(step, **metric)
        except TrialHalted as halted:
            if halted.state != "pruned":
                raise
            self._halt = halted

    def should_prune(self) -> bool:
        return self._halt is not None

    @property
    def halt(self) -> TrialHalted | None:
        """The verdict that prunes the trial, once there is one."""
        return self._halt

    def set_user_attr(self, key: str, value: Any) -> None:
        here.trial.set_user_attr(key, value)

    def set_constraint(self, key: str, value: float) -> None:
        """The trial is feasible if the value is zero or less. Raises OptionError where the study has no
        constraint about it, which would let every value pass."""
        if here.trial.metrics and key not in here.trial.metrics[1:]:
            raise OptionError(
                f"set_constraint: the study has no constraint about {key!r}; start it with "
                f"jt.tune(..., subject_to='{key} <= 0')"
            )
        self._constraints[key] = as_metric(key, value)

    @property
    def constraints(self) -> dict[str, float]:
        return dict(self._constraints)

    @property
    def user_attrs(self) -> dict[str, Any]:
        return here.trial.user_attrs

    @property
    def number(self) -> int:
        return here.trial.number

    @property
    def params(self) -> dict[str, Any]:
        """Those that the objective has asked for so far."""
        return dict(self._asked)

    @property
    def datetime_start(self) -> datetime.datetime | None:
        return self._started

    @property
    def _metrics(self) -> tuple[str, ...]:
        return here.trial.metrics or (VALUE,)

    def result(self, returned: Any) -> dict[str, float]:
        """What the objective returned, a number or one for each metric, as metrics by name."""
        values = list(returned) if isinstance(returned, (tuple, list)) else [returned]
        if len(values) > len(self._metrics):
            raise TuneError(
                f"the objective returned {len(values)} values, and the study is after "
                f"{', '.join(self._metrics)}; name a metric for each: maximize=[...], minimize=[...]"
            )
        found = {name: as_metric(name, value) for name, value in zip(self._metrics, values, strict=False)}
        # a constraint of the study may be about an attribute, as Optuna's constraints_func is
        attrs = self.user_attrs
        return {
            **{name: attrs[name] for name in self._metrics if name in attrs},
            **self._constraints,
            **found,
        }

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"trial.{name}: an objective that runs as a study of jupyter_tune has no such attribute; it has "
            "suggest_..., report, should_prune, set_user_attr, set_constraint, number and params"
        )

    def __repr__(self) -> str:
        return f"trial {self.number}: {self._asked}"
