"""A study is run again on its recorded curves, with other settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_tune.client.what_if import Cost, WhatIf
from jupyter_tune.driver.what_if import what_if_of
from jupyter_tune.errors import OptionError
from tests.golden.record import journal_file
from tests.golden.replay import read_golden


@pytest.fixture
def asha(tmp_path: Path) -> Path:
    path = tmp_path / "asha.tune.db"
    journal_file(read_golden("asha"), path)
    return path


def changed(path: Path, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = what_if_of(path, changes)
    return found


def test_its_own_settings_find_what_was_found(asha: Path) -> None:
    found = changed(asha)
    recorded, again = found["recorded"], found["changed"]
    assert again == found["as_recorded"]
    assert (again["best"], again["best_value"]) == (recorded["best"], recorded["best_value"])
    assert again["trials"] == recorded["trials"] == 26
    assert 0.8 < again["time_s"] / recorded["time_s"] < 1.2


def test_fewer_workers_take_longer_for_the_same_steps(asha: Path) -> None:
    found = changed(asha, workers=1, pruner="none")
    four = changed(asha, pruner="none")
    assert found["changed"]["steps"] == four["changed"]["steps"]
    assert found["changed"]["time_s"] > 3 * four["changed"]["time_s"]


def test_without_a_pruner_trials_go_on_beyond_what_is_recorded_and_that_is_marked(asha: Path) -> None:
    found = changed(asha, pruner="none")
    pruned = found["recorded"]["pruned"]
    assert len(found["changed"]["censored"]) == pruned > 5
    assert found["changed"]["steps"] > 1.5 * found["recorded"]["steps"]
    assert found["changed"]["pruned"] == 0
    assert len(found["as_recorded"]["censored"]) < pruned / 4, "its own pruner stops most there"


def test_a_stricter_pruner_may_stop_the_best(asha: Path) -> None:
    for found in (changed(asha, reduction_factor=factor, trials=14) for factor in (2, 3, 4)):
        lost = found["changed"]["best_value"] < found["recorded"]["best_value"]
        assert bool(found["stopped_winners"]) == lost


@pytest.mark.parametrize("sampler", ["sobol", "grid"])
def test_another_sampler_chooses_among_the_recorded_trials(asha: Path, sampler: str) -> None:
    found = changed(asha, sampler=sampler, trials=10)
    assert found["candidates"] == 26
    assert found["changed"]["trials"] == 10
    assert found["changed"]["best_value"] <= found["recorded"]["best_value"]


def test_an_unknown_pruner_is_refused(asha: Path) -> None:
    with pytest.raises(OptionError, match="pruner: 'nono' is not known"):
        changed(asha, pruner="nono")


def test_the_answer_is_told_in_words() -> None:
    cost = Cost(60.0, 100, 10, 4, 3, 0.91, "")
    other = Cost(150.0, 210, 10, 0, 7, 0.9, "", (2, 7))
    told = repr(WhatIf("toy", {"sampler": "random"}, "accuracy", cost, cost, other, 10, (3,)))
    assert "changed      2 min 30 s, 210 steps, 10 trials; best accuracy 0.9 (trial 7)" in told
    assert "It would have stopped better trials: 3." in told
    assert "2 trials were pruned when recorded and go on here" in told
    assert "The best one is among them" in told
    assert "the nearest recorded trial" in told
