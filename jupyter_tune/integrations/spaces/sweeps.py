"""The configuration of a W&B sweep: its space, and what it says of metric, method and early stopping."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_tune.core.parameters import Categorical, Float, Int, Parameter
from jupyter_tune.core.space import Space
from jupyter_tune.errors import SpaceError
from jupyter_tune.integrations.spaces.domains import refused, stepped

_METHODS = {"bayes": "gp", "random": "random", "grid": "grid"}


@dataclass(frozen=True)
class Sweep:
    """`space`, and the `options` of jt.tune: `jt.tune(train, sweep.space, **sweep.options)`."""

    space: Space
    options: dict[str, Any] = field(default_factory=dict)


def read_sweep(declared: Mapping[str, Any] | str | Path) -> Sweep:
    """The configuration of a sweep, as a dict or a YAML file.

    Raises: SpaceError naming the key that has no counterpart here.
    """
    if not isinstance(declared, Mapping):
        import yaml  # most spaces are no files

        try:
            declared = yaml.safe_load(Path(declared).read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError) as error:
            raise SpaceError(f"the sweep's file cannot be read: {error}") from None
    if not isinstance(declared, Mapping) or not isinstance(declared.get("parameters"), Mapping):
        raise SpaceError("parameters: is missing; the configuration of a sweep has its ranges there")
    ranges = {str(name): _range_of(str(name), each) for name, each in declared["parameters"].items()}
    return Sweep(Space(ranges), _options_of(declared))


def _options_of(declared: Mapping[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if metric := declared.get("metric"):
        goal = metric.get("goal", "minimize")
        if goal not in ("minimize", "maximize"):
            raise SpaceError(f"metric: goal is {goal!r}; use minimize or maximize")
        options[goal] = metric["name"]
        if "target" in metric:
            options["target"] = metric["target"]
    if method := declared.get("method"):
        if method not in _METHODS:
            raise SpaceError(f"method: {method!r} has no counterpart here; there are {', '.join(_METHODS)}")
        options["sampler"] = _METHODS[method]
    if "run_cap" in declared:
        options["trials"] = declared["run_cap"]
    if early := declared.get("early_terminate"):
        if early.get("type") != "hyperband":
            raise SpaceError(
                f"early_terminate: type {early.get('type')!r} has no counterpart here; use hyperband"
            )
        options["pruner"] = "hyperband"
        names = {"min_iter": "min_steps", "max_iter": "max_steps", "eta": "reduction_factor"}
        options |= {ours: int(early[theirs]) for theirs, ours in names.items() if theirs in early}
    return options


def _range_of(name: str, declared: Any) -> Parameter:
    if not isinstance(declared, Mapping):
        raise SpaceError(f"{name}: is {declared!r}; a sweep has value, values, or min and max there")
    if "parameters" in declared:
        raise SpaceError(
            f"{name}: has parameters inside; they have no parts here, so give each a name of its own"
        )
    if "value" in declared:
        return Categorical([declared["value"]])
    if "values" in declared:
        if "probabilities" in declared:
            raise refused(name, "values with probabilities")
        return Categorical(declared["values"])
    if "min" not in declared or "max" not in declared:
        raise refused(name, f"distribution {declared.get('distribution')!r} without min and max")
    low, high, q = declared["min"], declared["max"], declared.get("q", 1)
    whole = isinstance(low, int) and isinstance(high, int)
    kind = declared.get("distribution", "int_uniform" if whole else "uniform")
    match kind:
        case "int_uniform":
            return Int(low, high)
        case "uniform":
            return Float(low, high)
        case "q_uniform":
            return stepped(low, high, q)
        case "log_uniform_values":
            return Float(low, high, log=True)
        case "log_uniform":
            return Float(math.exp(low), math.exp(high), log=True)
    raise refused(name, f"the distribution {kind!r}")
