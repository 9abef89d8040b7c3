"""Trials run the user's modules as they were when the study started."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from jupyter_tune.executors.user_modules import sources
from tests.executors.lab import Lab


@pytest.fixture(autouse=True)
def the_notebook_has_nothing_of_its_own() -> None:
    """Here it has: what trials take from it is what is tested."""


async def test_a_module_edited_after_the_start_is_not_what_trials_import(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "edited_package"
    package.mkdir()
    (package / "__init__.py").write_text("from . import inner\n")
    (package / "inner.py").write_text("def f(): return 1.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    module = importlib.import_module("edited_package")
    lab.options["sys_path"] = sys.path
    try:
        await lab.open("import edited_package.inner\naccuracy = edited_package.inner.f()")
        (package / "inner.py").write_text("def f(): return 777.0  # edited\n")
        lab.launch()
        ended = await lab.ended()
        assert (ended.error, ended.value) == ("", 1.0)
        assert [notice for notice in sources()[2] if "inner.py was edited after" in notice]
    finally:
        for name in (module.__name__, f"{module.__name__}.inner"):
            del sys.modules[name]
