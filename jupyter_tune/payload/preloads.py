"""Libraries that the supervisor imports once, so that its trials need not.

    before the first trial    those that the kernel has imported, or that the cell or a function imports
    before a later one        those that an earlier trial has imported in another way: submodules, or
                              libraries behind a module of the user's own

Only the libraries in PRELOADED and their submodules are preloaded: importing them starts no thread, so the
supervisor can still fork.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jupyter_tune.payload.imports import imports_of

PRELOADED = ("numpy", "scipy", "pandas", "sklearn", "torch", "torchvision", "PIL", "matplotlib", "optuna")

LATE = {"numpy": "numpy.random", "torch": "torch._dynamo"}
"""Submodules that a library imports itself in nearly every training: numpy when it is seeded, torch (which
takes 0.6 s) for the first optimizer. The supervisor imports them once for all trials."""

# not matplotlib: importing some of its submodules chooses a backend
_PARTS_OF = ("scipy", "pandas", "sklearn", "torch", "torchvision")


def preloadable(modules: Iterable[str]) -> list[str]:
    """Those of `modules` that the supervisor may import: a library or a public submodule of one."""
    return sorted(name for name in modules if name in PRELOADED or _is_part(name))


def _is_part(name: str) -> bool:
    library, _, part = name.partition(".")
    return library in _PARTS_OF and part.isidentifier() and not part.startswith("_")


def imported_by(work: Mapping[str, Any]) -> list[str]:
    """The libraries in PRELOADED that the code of `work` imports."""
    found = {name.partition(".")[0] for name in imports_of(work)}
    return [name for name in PRELOADED if name in found]
