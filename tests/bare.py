"""Studies that begin as in a fresh notebook, whatever this process has imported for other tests.

A process that runs tests has imported what any of them needs, torch and hundreds of test files too. Each
supervisor would import the libraries as well, each trial apply their settings, and each payload hold the
files, which takes many times as long as the study.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from jupyter_tune.payload.settings import inherited, interpreter, libraries
from jupyter_tune.payload.user_modules import UserModules


def take_over_nothing(patch: pytest.MonkeyPatch) -> None:
    """Trials inherit nothing from this process, whose state depends on other tests."""
    _without_modules(patch)
    patch.setattr("jupyter_tune.payload.packing.snapshot", lambda dumps, **_: ({}, []))


@contextmanager
def only_libraries(*used: str) -> Iterator[None]:
    """Studies take over the libraries in `used` with their settings, and no other module."""
    known = {*used, *sys.stdlib_module_names}
    [of_warnings] = interpreter.WARNINGS

    def warnings_of_known() -> dict[str, Any]:
        filters = of_warnings.read().items()
        # a filter's third part is the class of the warning, which a trial would import
        return {name: each for name, each in filters if each[2].__module__.partition(".")[0] in known}

    late = [setting for setting in libraries.SETTINGS if setting.name in used]
    late.append(dataclasses.replace(of_warnings, read=warnings_of_known))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inherited, "LATE", tuple(late))
        _without_modules(patch, *used)
        yield


def _without_modules(patch: pytest.MonkeyPatch, *libraries: str) -> None:
    """Trials take over no modules of the user, and supervisors import these `libraries`."""
    patch.setattr("jupyter_tune.payload.packing.sources", lambda imported: UserModules({}, {}, {}, []))
    patch.setattr("jupyter_tune.launch.warm.loaded_libraries", lambda: list(libraries))
