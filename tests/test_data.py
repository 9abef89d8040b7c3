"""How long the data of a study stay: while it may run trials, and no longer, however it ends."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jupyter_tune as jt
from jupyter_tune.errors import OptionError, PayloadError
from jupyter_tune.journal import holder
from jupyter_tune.launch import warm
from tests.processes import wait_until

pytestmark = pytest.mark.usefixtures("nothing_stays")

BIG = np.ones(1_000_000)
OPTIONS: dict[str, Any] = {"maximize": "score", "sampler": "random", "pruner": "none"}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "data"
    # a driver started earlier would still know another place, and has only to find the file
    warm.cool_down()
    monkeypatch.setenv("JUPYTER_TUNE_DATA_DIR", str(place))
    return place


def megabytes(place: Path) -> float:
    return sum(path.stat().st_size for path in place.rglob("*") if path.is_file()) / 1e6


def uses(data: Any, wait_for: Path | None = None) -> Any:
    """A function that uses `data`, and runs until `wait_for` is there."""

    def train(x: jt.Float(0.0, 1.0) = 0.5) -> float:  # type: ignore[valid-type]
        import time

        while wait_for is not None and not wait_for.exists():
            time.sleep(0.02)
        return float(data[:3].sum() + x)

    return train


def test_two_studies_at_once_share_one_copy_which_their_end_removes(tmp_path: Path, place: Path) -> None:
    go = tmp_path / "go"
    first = jt.tune(uses(BIG, go), name="first", trials=1, **OPTIONS)
    second = jt.tune(uses(BIG.copy(), go), name="second", trials=1, **OPTIONS)
    assert 8 < megabytes(place) < 8.2
    go.touch()
    first.wait()
    second.wait()
    assert [first.best_value, second.best_value] == [3.5, 3.5]
    # while both drivers linger
    wait_until(lambda: not list(place.iterdir()), "the data to be dropped")


def test_a_resumed_study_gets_its_data_again(place: Path) -> None:
    jt.tune(uses(BIG), name="more", trials=1, **OPTIONS).wait()
    wait_until(lambda: not list(place.iterdir()), "the data to be dropped")
    again = jt.tune(uses(BIG), name="more", trials=3, resume=True, **OPTIONS)
    again.wait()
    assert [trial.state for trial in again.trials] == ["complete"] * 3


def test_a_killed_driver_leaves_no_data(tmp_path: Path, place: Path) -> None:
    study = jt.tune(uses(BIG, tmp_path / "never"), name="killed", trials=1, **OPTIONS)
    owner = holder(study.path)
    assert owner is not None
    assert megabytes(place) > 8
    os.kill(owner["pid"], signal.SIGKILL)
    wait_until(lambda: not list(place.iterdir()), "the data to be swept")


def test_a_study_that_could_not_start_leaves_no_data(place: Path) -> None:
    jt.tune(uses(BIG), name="taken", trials=1, **OPTIONS).wait()
    with pytest.raises(OptionError):
        jt.tune(uses(BIG), {"y": jt.Float(0.0, 1.0)}, name="taken", resume=True, **OPTIONS)
    wait_until(lambda: not list(place.iterdir()), "the data to be dropped")


def test_a_place_that_cannot_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("JUPYTER_TUNE_DATA_DIR", str(tmp_path / "file"))
    with pytest.raises(PayloadError, match=r"need 8 MB of space.*file: .*JUPYTER_TUNE_DATA_DIR"):
        jt.tune(uses(BIG), name="nowhere", **OPTIONS)
    assert not (tmp_path / "nowhere.tune.db").exists()
