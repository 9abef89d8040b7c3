"""Copies the settings of the notebook's process to its trials.

    kernel  snapshot()   reads and pickles every setting, entry by entry
    trial   inherit()    EARLY before the user's objects are loaded, LATE just before the code runs

An entry that cannot be pickled is left out, with a notice. LATE settings, such as warnings as errors, could
break imports that the notebook made before it changed them. docs/trials.md lists what trials inherit.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from jupyter_tune.payload.settings import interpreter, libraries, loggers
from jupyter_tune.payload.settings.setting import Setting

EARLY: tuple[Setting, ...] = interpreter.SETTINGS
LATE: tuple[Setting, ...] = (
    *libraries.SETTINGS,
    *loggers.SETTINGS,
    *interpreter.WARNINGS,
)

OF_COMMANDS: tuple[Setting, ...] = (interpreter.PROCESS,)
"""What also holds for a program that a trial starts."""

Inheritance: TypeAlias = dict[str, dict[str, bytes]]
"""Setting -> entry -> its pickled value."""


def snapshot(dumps: Callable[[Any], bytes], *, for_command: bool = False) -> tuple[Inheritance, list[str]]:
    """The settings of this process, and a notice for each entry that `dumps` cannot pickle."""
    found: Inheritance = {}
    notices = []
    for setting in OF_COMMANDS if for_command else (*EARLY, *LATE):
        entries = {}
        for entry, value in setting.read().items():
            try:
                entries[entry] = dumps(value)
            except Exception as error:
                notices.append(
                    f"{setting.name}: {entry} stays in the notebook ({error}); set it in the cell if needed"
                )
        if entries:
            found[setting.name] = entries
    if not for_command:
        notices += loggers.left_behind()
    return found, notices


def inherit(settings: Iterable[Setting], inheritance: Inheritance) -> None:
    """Apply `settings` from `inheritance` to this process.

    Raises: RuntimeError naming a setting that cannot be applied.
    """
    for setting in settings:
        entries = inheritance.get(setting.name)
        if not entries:
            continue
        try:
            setting.write({entry: pickle.loads(value) for entry, value in entries.items()})
        except Exception as error:
            raise RuntimeError(f"{setting.name}, as the notebook has it: {error}") from error
