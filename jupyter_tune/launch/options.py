"""From given options to settings: each is checked by its row of the table, then all of them together."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from jupyter_tune.core.readers.names import meant_or
from jupyter_tune.core.settings import Settings
from jupyter_tune.errors import OptionError
from jupyter_tune.launch.confirm import require_confirmable
from jupyter_tune.launch.objectives import objectives_of
from jupyter_tune.launch.option import Option
from jupyter_tune.launch.option_table import OPTIONS
from jupyter_tune.registry import DEFAULT_PRUNER, DEFAULT_SAMPLER


def options_of(place: str) -> dict[str, Option]:
    """The options that can be given in `place`, by name."""
    return {option.name: option for option in OPTIONS if place in option.where}


def read_options(given: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Check and convert the given options. Those that are None are left out.

    Raises: OptionError for an invalid value, and for a name that is not an option of `place`.
    """
    known = options_of(place)
    for name in given:
        if name not in known:
            raise OptionError(f"{name}: {_unknown(name, known, place)}")
    return {
        name: known[name].read(value, known[name].shown(place))
        for name, value in given.items()
        if value is not None
    }


def make_settings(options: Mapping[str, Any], place: str) -> Settings:
    """The settings for checked options. Raises OptionError if two options exclude each other."""
    shown = {name: option.shown(place) for name, option in options_of(place).items()}
    (direction, first), *also = objectives_of(options, shown)
    low, high = options.get("min_steps"), options.get("max_steps")
    if low is not None and high is not None and low > high:
        raise OptionError(
            f"{shown['min_steps']}: {low} is more than {shown['max_steps']}, {high}; use {high} at most"
        )
    require_confirmable(options, shown, several=bool(also))
    fields = {"timeout": "timeout_s", "trial_timeout": "trial_timeout_s"}
    asked: dict[str, Any] = {"sampler": DEFAULT_SAMPLER, "pruner": DEFAULT_PRUNER, "retries": 0}
    asked |= {fields.get(name, name): value for name, value in options.items()}
    if "patience" in asked:
        asked["patience"], asked["patience_gain"] = asked["patience"]
    # the option `metric` is about the output of commands
    fields_of_settings = Settings.__dataclass_fields__.keys() - {"metric"}
    kept = {name: value for name, value in asked.items() if name in fields_of_settings}
    if kept.get("workers") == 0:  # this process runs the trials, one at a time
        kept["workers"] = 1
    further = tuple((name, way) for way, name in also)
    return Settings(metric=first, direction=direction, also=further, **kept)


def describe(takes_options: Callable[..., Any], place: str) -> None:
    """Add the options of `place` to the signature and docstring of a function that takes **options."""
    options = options_of(place)
    signature = inspect.signature(takes_options)
    keyword = inspect.Parameter.KEYWORD_ONLY
    shown = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    shown += [inspect.Parameter(name, keyword, default=None, annotation=Any) for name in options]
    takes_options.__signature__ = signature.replace(parameters=shown)  # type: ignore[attr-defined]
    column = max(map(len, options)) + 2
    rows = [f"    {name + ':':<{column}}{option.help}" for name, option in options.items()]
    takes_options.__doc__ = "\n".join([inspect.cleandoc(takes_options.__doc__ or ""), "", "Options:", *rows])


def _unknown(name: str, known: Mapping[str, Option], place: str) -> str:
    elsewhere = [option for option in OPTIONS if option.name == name]
    if elsewhere:
        *places, last = elsewhere[0].where
        listed = f"{', '.join(places)} and {last}" if places else last
        return f"an option of {listed}, not of {place}; leave it out"
    everything = f"{place} has {', '.join(known)}"
    return f"no such option; {meant_or(name, known, everything)}"
