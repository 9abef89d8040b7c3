"""Optuna, both ways: its objectives run as studies here, its studies are read and written, and the search
here runs inside its own. Each name is imported on its first use; `objective` needs no Optuna.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_tune.integrations.optuna.exporting import export
    from jupyter_tune.integrations.optuna.loading import load
    from jupyter_tune.integrations.optuna.objective import objective
    from jupyter_tune.integrations.optuna.sampler import GpSampler

__all__ = ["GpSampler", "export", "load", "objective"]

_HOMES = {"GpSampler": "sampler", "export": "exporting", "load": "loading", "objective": "objective"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"jupyter_tune.integrations.optuna.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
