"""Hyperparameter tuning where the model is written: in a notebook cell.

Names are imported on first use, so importing this package does not load torch, numpy, plotly or IPython.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_tune.core.parameters import Categorical, Float, Int
    from jupyter_tune.core.space import Space
    from jupyter_tune.errors import TuneError
    from jupyter_tune.integrations.spaces import read_space, read_sweep
    from jupyter_tune.launch.command import Command
    from jupyter_tune.launch.comparing import compare
    from jupyter_tune.launch.launcher import load_study, tune
    from jupyter_tune.trials.report import report, trial
    from jupyter_tune.tuner import Tuner

__version__ = "0.1.0"

__all__ = [
    "Categorical",
    "Command",
    "Float",
    "Int",
    "Space",
    "TuneError",
    "Tuner",
    "compare",
    "load_study",
    "read_space",
    "read_sweep",
    "report",
    "trial",
    "tune",
]

_HOMES = {
    "Categorical": "core.parameters",
    "Command": "launch.command",
    "Float": "core.parameters",
    "Int": "core.parameters",
    "Space": "core.space",
    "TuneError": "errors",
    "Tuner": "tuner",
    "compare": "launch.comparing",
    "load_study": "launch.launcher",
    "read_space": "integrations.spaces",
    "read_sweep": "integrations.spaces",
    "report": "trials.report",
    "trial": "trials.report",
    "tune": "launch.launcher",
}


_OF_STUDIES = {"Command", "Tuner", "compare", "load_study", "tune"}
"""What needs file locks, local sockets passed to children, and signals, as only POSIX systems have them."""


def refuse_windows() -> None:
    """Raise TuneError on Windows, before an import there fails without saying why."""
    if sys.platform == "win32":
        from jupyter_tune.errors import TuneError

        raise TuneError(
            "jupyter_tune cannot run studies on Windows: it needs a POSIX system; run the notebook's kernel "
            "in WSL 2 or on Linux (ranges, jt.report and jt.trial do work, so a script runs by itself)"
        )


_INTEGRATIONS = {"optuna", "sklearn"}
"""Modules for other libraries, which have to be installed: not in `import *`."""


def __getattr__(name: str) -> Any:
    if name in _INTEGRATIONS:
        refuse_windows()
        return import_module(f"{__name__}.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in _OF_STUDIES:
        refuse_windows()
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])


def _dashboard_of(study: Any) -> Any:
    """`study.dashboard()`: where it is, for a room below it."""
    return import_module(f"{__name__}.notebook.widgets").dashboard_of(study)


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext jupyter_tune`: the %%tune and %tune magics."""
    refuse_windows()
    from jupyter_tune.notebook.extension import load

    load(shell)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyter-tune"}]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "jupyter_tune.server"}]
