"""The modules that the supervisor imports once for all its trials (see payload/preloads.py for which)."""

from __future__ import annotations

import importlib
import os
import sys
import weakref
from collections.abc import Callable, Iterable

from jupyter_tune.payload.preloads import LATE, preloadable
from jupyter_tune.trials.environment import seed_generators, thread_pools

LATE_S = 0.2
"""Seconds from the preloads to the late ones, so that waiting trials are launched first."""


class Imports:
    """Imports modules when it is best for the trials: at once, a little later, or before the next launch.

    Args: is_cancelled: checked between imports, which take seconds; the rest is skipped if it is true.
    """

    def __init__(self, is_cancelled: Callable[[], bool]):
        self._is_cancelled = is_cancelled
        self._late: list[str] = []
        self._late_due = 0.0
        self._learned: set[str] = set()

    def preload(self, modules: Iterable[str], now: float) -> dict[str, str]:
        """Import `modules` now and their late submodules soon. Returns those that failed, with the reason."""
        failed = self._import_all(modules)
        self._late = [late for name, late in LATE.items() if name in sys.modules and late not in sys.modules]
        self._late_due = now + LATE_S
        return failed

    @property
    def due(self) -> float | None:
        """When `import_late` has something to do; None for never."""
        return self._late_due if self._late else None

    def import_late(self, now: float) -> None:
        """Import one of the late submodules if it is due."""
        if self._late and now >= self._late_due:
            _import(self._late.pop())

    def learn(self, imported: Iterable[str]) -> None:
        """Remember the modules that a trial had to import itself."""
        self._learned |= {name for name in preloadable(imported) if name not in sys.modules}

    @property
    def has_learned(self) -> bool:
        """Whether `import_learned` has something to do."""
        return bool(self._learned)

    def import_learned(self) -> None:
        """Import the remembered modules.

        To be called before a launch, not earlier: the trial would need the same time for it, and without a
        launch nothing waits.
        """
        if self._learned:
            learned, self._learned = sorted(self._learned), set()
            self._import_all(learned)

    def _import_all(self, modules: Iterable[str]) -> dict[str, str]:
        failed: dict[str, str] = {}
        for name in modules:
            if self._is_cancelled():
                break
            failed |= _import(name)
        if "numpy" in sys.modules:
            thread_pools.cache_clear()
            thread_pools()
        # once here: what runs for the first time fills caches, in each trial anew
        seed_generators(0)
        return failed


_LOOK_ONLY = "PYTORCH_NVML_BASED_CUDA_CHECK"
"""With it, a library that asks torch for GPUs when it is imported does not initialise CUDA, which a forked
trial could not use any more."""


def _import(name: str) -> dict[str, str]:
    """Import `name`; returns {} or, if that failed, {name: reason}."""
    before = os.environ.get(_LOOK_ONLY)
    os.environ[_LOOK_ONLY] = "1"
    try:
        importlib.import_module(name)
    except Exception as error:
        # the cell raises it again, with its own traceback
        return {name: f"{type(error).__name__}: {error}"}
    finally:
        if before is None:
            del os.environ[_LOOK_ONLY]
        else:
            os.environ[_LOOK_ONLY] = before
    # the libraries' exit handlers are of no use to a trial and took 50 ms
    for finalizer in list(getattr(weakref.finalize, "_registry", ())):
        finalizer.atexit = False
    return {}
