"""Options as people give them, checked, as `Settings`.

One gate for %%tune, tune() and Tuner: whatever passes here is in range and of its type, and
whatever does not is an OptionError that names the option, the value and the way out.
Numbers may come as text, as from a magic's line. None means not given.
"""

from __future__ import annotations

import difflib
import math
import numbers
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from jupyter_tune.core.events import Settings
from jupyter_tune.errors import OptionError

SAMPLERS = ("gp", "random", "grid", "sobol")
PRUNERS = ("asha", "hyperband", "median", "none")
OPTIONS = (
    "maximize",
    "minimize",
    "trials",
    "workers",
    "timeout",
    "target",
    "patience",
    "sampler",
    "pruner",
    "min_steps",
    "max_steps",
    "reduction_factor",
    "seed",
)

_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def make_settings(**options: Any) -> Settings:
    """The settings that `options` (the names in OPTIONS) ask for.

    `timeout` takes seconds or text: "90s", "10m", "2h", "1d".

    Raises: OptionError.
    """
    for name in options:
        if name not in OPTIONS:
            raise OptionError(f"{name}: no such option{_meant(name, OPTIONS)}")
    given = {name: value for name, value in options.items() if value is not None}
    metric, direction = _objective(given)
    settings = Settings(
        metric=metric,
        direction=direction,
        trials=_whole(given, "trials", at_least=1),
        workers=_whole(given, "workers", at_least=1) or 1,
        timeout_s=_seconds(given, "timeout"),
        target=_real(given, "target"),
        patience=_whole(given, "patience", at_least=1),
        sampler=_one_of(given, "sampler", SAMPLERS),
        pruner=_one_of(given, "pruner", PRUNERS),
        min_steps=_whole(given, "min_steps", at_least=1),
        max_steps=_whole(given, "max_steps", at_least=1),
        reduction_factor=_whole(given, "reduction_factor", at_least=2) or 3,
        seed=_whole(given, "seed") or 0,
    )
    low, high = settings.min_steps, settings.max_steps
    if low is not None and high is not None and low > high:
        raise OptionError(f"min_steps: {low} is more than max_steps, {high}; use {high} at most")
    return settings


def with_budget(settings: Settings, budget: Mapping[str, Any]) -> Settings:
    """`settings` with another budget: `trials` (None for no limit) and `workers`, each if it is there.

    Raises: OptionError.
    """
    given = {name: value for name, value in budget.items() if value is not None}
    trials = _whole(given, "trials", at_least=1) if "trials" in budget else settings.trials
    return replace(settings, trials=trials, workers=_whole(given, "workers", at_least=1) or settings.workers)


def _objective(given: dict[str, Any]) -> tuple[str, str]:
    directions = [name for name in ("maximize", "minimize") if name in given]
    if not directions:
        raise OptionError(
            "no metric: say which one counts, with maximize or minimize, like maximize accuracy"
        )
    if len(directions) == 2:
        raise OptionError(
            f"maximize {given['maximize']} and minimize {given['minimize']} exclude each other; keep one"
        )
    direction = directions[0]
    metric = given[direction]
    if not isinstance(metric, str) or not metric.strip():
        raise OptionError(f"{direction}: a metric is a name, got {metric!r}; use one that report() is given")
    if metric == "step":
        raise OptionError(f"{direction}: step counts the reports and is no metric; use another name")
    return metric, direction


def _number(name: str, value: Any) -> Any:
    """A real number, from a number or its text; OptionError otherwise."""
    if isinstance(value, str):
        for kind in (int, float):
            try:
                return kind(value)
            except ValueError:
                continue
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise OptionError(f"{name}: must be a number, got {value!r}")
    return value


def _real(given: dict[str, Any], name: str) -> float | None:
    if name not in given:
        return None
    number = float(_number(name, given[name]))
    if not math.isfinite(number):
        raise OptionError(f"{name}: must be finite, got {given[name]!r}; leave it out for none")
    return number


def _whole(given: dict[str, Any], name: str, at_least: int | None = None) -> int | None:
    if name not in given:
        return None
    number = _number(name, given[name])
    if not math.isfinite(number) or number != int(number):
        raise OptionError(f"{name}: must be a whole number, got {given[name]!r}")
    if at_least is not None and number < at_least:
        raise OptionError(f"{name}: must be {at_least} or more, got {int(number)}")
    return int(number)


def _seconds(given: dict[str, Any], name: str) -> float | None:
    if name not in given:
        return None
    value = given[name]
    if isinstance(value, str):
        match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", value.strip().lower())
        if match is None:
            raise OptionError(f"{name}: {value!r} is no duration; use seconds, or 90s, 10m, 2h")
        value = float(match[1]) * _SECONDS[match[2]]
    seconds = float(_number(name, value))
    if not math.isfinite(seconds) or seconds <= 0:
        raise OptionError(f"{name}: must be more than 0 seconds, got {given[name]!r}; leave it out for none")
    return seconds


def _one_of(given: dict[str, Any], name: str, allowed: Sequence[str]) -> str:
    value = given.get(name, allowed[0])
    if value in allowed:
        return str(value)
    choice = f"{', '.join(allowed[:-1])} or {allowed[-1]}"
    raise OptionError(f"{name}: no {name} {value!r}{_meant(str(value), allowed)}; there are {choice}")


def _meant(word: str, among: Sequence[str]) -> str:
    close = difflib.get_close_matches(word.lower(), among, n=1)
    return f"; did you mean {close[0]}?" if close else ""
