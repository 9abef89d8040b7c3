"""Trials run the user's modules as they were when the study started."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from jupyter_tune.payload.user_modules import sources
from tests.trial_lab import Lab


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
        assert [notice for notice in sources().notices if "inner.py was edited after" in notice]
    finally:
        for name in (module.__name__, f"{module.__name__}.inner"):
            del sys.modules[name]


async def test_a_module_that_trials_import_first_is_as_it_was_at_the_start(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        "lazy_direct.py": "def f():\n"
        "    from lazy_package import inner, helper\n    return inner.X * helper()\n",
        "lazy_package/__init__.py": "from .made import helper\n",
        "lazy_package/made.py": "def helper():\n    from . import deep\n    return deep.X\n",
        "lazy_package/inner.py": "X = 2\n",
        "lazy_package/deep.py": "X = 3\n",
        "lazy_space/part.py": "X = 5\n",
        "lazy_space/inside/deeper/part.py": "X = 13\n",
        "lazy_named.py": "X = 7\n",
        "lazy_loaded.py": "def f():\n    import lazy_behind\n    return lazy_behind.X\n",
        "lazy_behind.py": "X = 11\n",
        "lazy_broken.py": "def\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    lab.options["sys_path"] = sys.path
    loaded = importlib.import_module("lazy_loaded")
    space = vars(sys.modules["__main__"])
    exec("def by_name():\n    return __import__('importlib').import_module('lazy_named').X\n", space)
    try:
        await lab.open(
            "import lazy_direct, lazy_loaded, lazy_space.part\n"
            "from lazy_space.inside.deeper import part\n"
            "if x > 1:\n    import lazy_broken, lazy_missing\n"
            "accuracy = lazy_direct.f() * lazy_space.part.X * by_name() * lazy_loaded.f() * part.X",
            {"by_name": space["by_name"], "x": 0},
        )
        for name in files:
            (tmp_path / name).write_text("X = 1000\ndef f(): return 1000\ndef helper(): return 1000\n")
        lab.launch()
        ended = await lab.ended()
        assert (ended.error, ended.value) == ("", 2 * 3 * 5 * 7 * 11 * 13)
        own = {name.partition("/")[0].removesuffix(".py") for name in files} - {"lazy_loaded"}
        assert not [name for name in sys.modules if name.partition(".")[0] in own]
    finally:
        del sys.modules[loaded.__name__], space["by_name"]
