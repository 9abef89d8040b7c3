"""The runs: made once, cached, and compared in pairs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.search import multi
from tests.benchmarks.search.multi import EDITION, Job, perform, roster, run, tables
from tests.benchmarks.search.peer import Peer, Running
from tests.benchmarks.search.peers.served import Suggestion

OURS, RANDOM, ASHA = (roster()[name] for name in ("jupyter_tune", "jupyter_tune-random", "synetune-asha"))


@pytest.fixture(autouse=True)
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "multi.jsonl"
    monkeypatch.setattr(multi, "RESULTS", path)
    return path


def line(peer: Peer, task: str, seed: int, *regrets: float, **changed: Any) -> str:
    return json.dumps({**Job(peer, task, seed, 4).key, "regret": regrets, **changed}) + "\n"


def test_a_run_is_made_once_and_tells_what_it_found(results: Path) -> None:
    found = perform(Job(RANDOM, "digits_boosting", 0, 4))
    made = json.dumps(found) + "\n"
    regrets = found["regret"]
    assert len(regrets) == 3
    assert regrets == sorted(regrets, reverse=True)
    assert 0 <= regrets[-1] < 1
    assert found["asked"] > 50
    results.write_text(made)
    run([RANDOM.name], seeds=1, workers=[4], tasks=["digits_boosting"])
    assert results.read_text() == made


def test_a_peer_that_fails_leaves_its_reason_and_no_figure(results: Path) -> None:
    broken = Peer("broken", "main", "ours.py", "no_such_sampler", "1")
    told = perform(Job(broken, "digits_boosting", 0, 4))
    assert "no_such_sampler" in told["error"]
    results.write_text(json.dumps(told))
    assert tables() == []


def test_a_peer_that_leaves_the_space_ends_its_own_run_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Running, "ask", lambda self: Suggestion(0, {"elsewhere": 1.0}))
    assert "got ['elsewhere']" in perform(Job(RANDOM, "digits_boosting", 0, 4))["error"]


def test_the_tables_give_means_by_kind_and_paired_differences(results: Path) -> None:
    lines = [
        line(OURS, "digits_mlp", 0, 0.4, 0.2, 0.1),
        line(OURS, "digits_mlp", 1, 0.6, 0.4, 0.1),
        line(ASHA, "digits_mlp", 0, 0.5, 0.3, 0.2),
        line(ASHA, "digits_mlp", 1, 0.7, 0.5, 0.2),
        line(ASHA, "lcbench_3945", 0, 0.9, 0.9, 0.9),
        # not of this edition, so it does not count
        line(ASHA, "digits_mlp", 1, 9.0, 9.0, 9.0, edition=EDITION + 1),
    ]
    results.write_text("".join(lines))
    about, section = tables()
    assert "full trainings" in about
    parts = dict(zip(*[iter(section.split("\n\n")[1:])] * 2, strict=True))
    assert section.startswith("### 4 workers")
    assert list(parts) == ["LCBench (fitted network):", "Our tables:", "Those three together:"]
    assert parts["LCBench (fitted network):"].splitlines()[2:] == [
        "| synetune-asha | 1 | 0.900 | 0.900 | 0.900 |  |  |  |  |"
    ]
    assert parts["Our tables:"].splitlines()[2:] == [
        "| jupyter_tune | 2 | 0.500 | 0.300 | 0.100 |  |  |  |  |",
        "| synetune-asha | 2 | 0.600 | 0.400 | 0.200 "
        "| -0.100 [-0.100, -0.100] | -0.100 [-0.100, -0.100] | 0.75 | 0.50 |",
    ]


def test_every_task_weighs_the_same_and_only_common_runs_are_compared(results: Path) -> None:
    lines = [
        line(OURS, "digits_mlp", 0, *[0.2] * 3),
        line(ASHA, "digits_mlp", 0, *[0.4] * 3),
        line(ASHA, "digits_mlp", 1, *[0.6] * 3),
        line(ASHA, "digits_boosting", 0, *[0.1] * 3),
    ]
    results.write_text("".join(lines))
    assert (
        "| synetune-asha | 3 | 0.300 | 0.300 | 0.300 "
        "| -0.200 [-0.200, -0.200] | -0.200 [-0.200, -0.200] | 0.50 | 0.50 |" in tables()[1]
    )


def test_an_older_version_of_ours_stands_in_until_the_newest_has_run(results: Path) -> None:
    older = line(OURS, "digits_mlp", 0, 0.5, 0.5, 0.5, version="old")
    results.write_text(older)
    assert "| jupyter_tune | 1 | 0.500 |" in tables()[1]
    assert "jupyter_tune (old, older source than the present)." in tables()[0]
    results.write_text(older + line(OURS, "digits_mlp", 0, 0.1, 0.1, 0.1))
    assert "| jupyter_tune | 1 | 0.100 |" in tables()[1]
    assert "older source" not in tables()[0]


def test_unknown_names_are_errors() -> None:
    with pytest.raises(KeyError, match="no peer 'Vizier' with curves"):
        run(["Vizier"])
    with pytest.raises(KeyError, match="no task cifar"):
        run([RANDOM.name], tasks=["cifar"])
