"""What a study is started with: what this process has on its path, and results of earlier studies."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import pytest

import jupyter_tune as jt
from jupyter_tune.errors import JournalError

pytestmark = pytest.mark.usefixtures("nothing_stays")


def overflows(x: jt.Float(0.0, 1.0) = 0.5) -> float:  # type: ignore[valid-type]
    return math.inf if x == 0.5 else float(x)


def test_a_path_object_on_the_import_path_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path, Path("somewhere")])
    study = jt.tune(overflows, name="paths", minimize="score", sampler="random", trials=1)
    study.wait()
    assert [trial.state for trial in study.trials] == ["complete"]


def test_an_overflow_is_no_result_to_start_warm_from() -> None:
    first = jt.tune(overflows, name="first", minimize="score", sampler="random", trials=2)
    first.wait()
    assert [math.isfinite(trial.value or 0.0) for trial in first.trials] == [False, True]
    second = jt.tune(
        overflows, name="second", minimize="score", sampler="random", trials=1, warm_start=["first"]
    )
    second.wait()
    assert [trial.value for trial in second.trials if trial.source == "added"] == [first.best_value]


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JournalError, match="file"):
        jt.tune(overflows, minimize="score", sampler="random", trials=1, dir=str(tmp_path / "file"))
