"""Which failed attempts are followed by another attempt of the same trial.

    cause      of an attempt's end                              further attempts
    lost       its worker died, or could not start it           retries, at least 1
    crash      a signal killed it, as in a segmentation fault   retries, at least 1
    memory     MemoryError, or the out-of-memory killer         retries, at least 1; the trial then runs alone
    error      an exception, an exit code, no metric            retries
    timeout    it took longer than the limit of a trial         retries

`retries` is a setting of the study. What all attempts of a trial may use is counted together: an attempt that
was lost leaves one less for an exception.
"""

from __future__ import annotations

from jupyter_tune.core.settings import Settings
from jupyter_tune.core.trial import LOST

CRASH, MEMORY, ERROR, TIMEOUT = "crash", "memory", "error", "timeout"

LOST_BEFORE = 2
"""Further attempts of a trial whose workers die, in studies recorded without `retries`."""


def further_attempts(settings: Settings, cause: str) -> int:
    """How often a trial whose attempt ended of `cause` is started again."""
    if settings.retries is None:
        return LOST_BEFORE if cause == LOST else 0
    return max(settings.retries, cause in (LOST, CRASH, MEMORY))
