"""Libraries that a supervisor holds loaded, so that its trials need not load them.

    before the first trial    what the kernel has loaded, and what the cell or a function says it imports
    before a later one        what an earlier trial has loaded in any other way: parts of these libraries,
                              or a library behind a module of the user's own

Only libraries of PRELOADED are held, and their parts: no thread is started when they are imported, so a
process that holds them may fork.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jupyter_tune.payload.imports import imports_of

PRELOADED = ("numpy", "scipy", "pandas", "sklearn", "torch", "torchvision", "PIL", "matplotlib")

LATE = {"numpy": "numpy.random", "torch": "torch._dynamo"}
"""What a library loads by itself in nearly every training: numpy when it is seeded, torch, for
0.6 s, when the first optimizer is made. Loaded by the supervisor, once, it is not loaded in every trial."""

# parts of matplotlib choose where to draw from what they find when they are loaded
_PARTS_OF = ("scipy", "pandas", "sklearn", "torch", "torchvision")


def worth_holding(modules: Iterable[str]) -> list[str]:
    """Those of `modules` that a supervisor may load: a library, or a public part of one."""
    return sorted(name for name in modules if name in PRELOADED or _is_part(name))


def _is_part(name: str) -> bool:
    library, _, part = name.partition(".")
    return library in _PARTS_OF and part.isidentifier() and not part.startswith("_")


def imported_by(work: Mapping[str, Any]) -> list[str]:
    """The libraries to hold that the code of `work`, its cell or a function, imports."""
    found = {name.partition(".")[0] for name in imports_of(work)}
    return [name for name in PRELOADED if name in found]
