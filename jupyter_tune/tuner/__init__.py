"""Ask, report, tell: the search without processes."""

from jupyter_tune.tuner.tuner import Tuner

__all__ = ["Tuner"]
