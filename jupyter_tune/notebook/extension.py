"""`%load_ext jupyter_tune`: what a notebook gets."""

from __future__ import annotations

import contextlib
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.client.listing import detached_studies
from jupyter_tune.errors import DriverError
from jupyter_tune.launch import warm
from jupyter_tune.notebook.live import show
from jupyter_tune.notebook.magic import TuneMagics


def load(shell: InteractiveShell) -> None:
    """Register the magics, define the names that tuning cells use, and warm a driver."""
    from jupyter_tune import Categorical, Float, Int, report, trial

    magics = TuneMagics(shell)
    register: Any = shell.register_magic_function  # its annotation takes the function for a shell
    register(magics.tune_cell, "cell", "tune")
    register(magics.tune_line, "line", "tune")
    shell.user_ns.update(Float=Float, Int=Int, Categorical=Categorical, report=report, trial=trial)
    formatter = shell.display_formatter.ipython_display_formatter  # type: ignore[union-attr]
    formatter.for_type(StudyHandle, show)
    warm.warm_up()
    for line in detached_studies():
        print(line)

    warmed = warm.loaded_libraries()

    def warm_what_was_imported(*_: Any) -> None:
        nonlocal warmed
        if warm.loaded_libraries() != warmed and warm.has_driver():
            warmed = warm.loaded_libraries()
            with contextlib.suppress(DriverError):  # it died: the next study starts its own
                warm.warm_up()

    shell.events.register("post_run_cell", warm_what_was_imported)
