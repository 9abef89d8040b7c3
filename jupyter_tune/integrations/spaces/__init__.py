"""Search spaces of other libraries as spaces here.

    domains       single ranges: Ray Tune's, scipy's frozen distributions, lists
    hyperopt_     hp.*, also nested in hp.choice
    config_space  ConfigSpace, with its conditions
    sweeps        the configuration of a W&B sweep, a dict or a YAML file

Nothing is imported to read them: an object is known by the module of its class. What has no counterpart here,
as a normal distribution, is an error that names the parameter.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_tune.core.conditions import Condition
from jupyter_tune.core.parameters import Parameter
from jupyter_tune.core.space import Space
from jupyter_tune.errors import SpaceError
from jupyter_tune.integrations.spaces.config_space import space_of_config_space
from jupyter_tune.integrations.spaces.domains import library_of, range_of
from jupyter_tune.integrations.spaces.hyperopt_ import Hyperopt
from jupyter_tune.integrations.spaces.sweeps import Sweep, read_sweep

__all__ = ["Sweep", "read_space", "read_sweep"]


def read_space(declared: Any) -> Space:
    """The search space of another library as a Space.

    Args:
        declared: a dict of Ray Tune's or scipy's distributions, of hp.* or of lists of choices; an hp.choice;
            a ConfigurationSpace; the configuration of a W&B sweep, or its YAML file.
    Raises: SpaceError naming the parameter that has no counterpart here.
    """
    if isinstance(declared, Space):
        return declared
    if isinstance(declared, (str, Path)):
        return read_sweep(declared).space
    library = library_of(declared)
    if library == "ConfigSpace":
        return space_of_config_space(declared)
    if library == "hyperopt":
        return Hyperopt().read(declared)
    if not isinstance(declared, Mapping):
        raise SpaceError(
            f"{declared!r:.100}: is no search space that is known here; there are those of Ray Tune, "
            "hyperopt, ConfigSpace, scipy and W&B"
        )
    if isinstance(declared.get("parameters"), Mapping) and not {"name", "type"} <= set(
        declared["parameters"]
    ):
        return read_sweep(declared).space
    return _space_of_mapping(declared)


def _space_of_mapping(declared: Mapping[str, Any]) -> Space:
    ranges: dict[str, Parameter] = {}
    when: dict[str, list[Condition]] = {}
    for name, value in declared.items():
        if library_of(value) == "hyperopt" or _holds_hyperopt(value):
            # a parameter of hyperopt has a label of its own, and maybe others below it
            inner = Hyperopt().read(value)
            for label in inner:
                if label in ranges:
                    raise SpaceError(f"{label}: is the label of two parameters; rename one")
                ranges[label] = inner[label]
                if conditions := inner.conditions(label):
                    when[label] = list(conditions)
        else:
            ranges[name] = range_of(value, name)
    return Space(ranges, when=when)


def _holds_hyperopt(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(library_of(each) == "hyperopt" or _holds_hyperopt(each) for each in value.values())
    return False
