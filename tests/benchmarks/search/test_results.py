"""Runs are kept, continued and reported; the one-fidelity half end to end, with random as the tuner."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.benchmarks.search import cpu, report, single
from tests.benchmarks.search.environments import CannotInstall
from tests.benchmarks.search.peer import Peer
from tests.benchmarks.search.problems import Problem
from tests.benchmarks.search.results import Evaluations, Run, Runs
from tests.benchmarks.search.spaces import real

RUN = Run("x", "1", "branin", 1, 0, "sequential", [3.0, None, 1.0, 2.0], [3.0, None, 1.5, 1.0], [0.1] * 4)


def test_the_best_is_what_looked_best_and_is_judged_without_its_noise() -> None:
    assert RUN.best(1, worst=9) == 3.0
    assert RUN.best(3, worst=9) == 1.0
    assert RUN.best(4, worst=9) == 2.0
    assert replace(RUN, losses=[None], told=[None]).best(1, worst=9) == 9


def test_the_longest_run_of_a_key_counts(tmp_path: Path) -> None:
    runs = Runs(tmp_path / "runs.jsonl")
    assert list(runs) == []
    longer = replace(RUN, losses=[*RUN.losses, 0.5], told=[*RUN.told, 0.5])
    other = replace(RUN, seed=1)
    for run in (RUN, longer, RUN, other):
        runs.add(run)
    assert list(runs) == [longer, other]


def test_a_job_is_missing_until_a_run_of_its_length_and_version_is_kept(tmp_path: Path) -> None:
    runs = Runs(tmp_path / "runs.jsonl")
    job = single.Job(Peer("x", "main", "ours.py", "random", "1"), "branin", 0, "sequential", 4)
    jobs = [job, replace(job, trials=5), replace(job, peer=replace(job.peer, version="2"))]
    assert single.missing(jobs, runs) == jobs
    runs.add(RUN)
    assert single.missing(jobs, runs) == jobs[1:]


def test_a_costly_loss_is_computed_once_also_when_it_failed(tmp_path: Path) -> None:
    calls = []

    def loss(params: dict[str, float]) -> float | None:
        calls.append(params)
        return None if params["x"] < 0.5 else params["x"]

    evaluations = Evaluations(tmp_path / "losses.sqlite")
    costly = Problem("p", "models", (real("x", 0, 1),), loss, costly=True)
    for _ in range(2):
        assert evaluations.loss(costly, {"x": 0.7}) == 0.7
        assert evaluations.loss(costly, {"x": 0.2}) is None
    assert len(calls) == 2
    evaluations.loss(replace(costly, version=2), {"x": 0.7})
    assert len(calls) == 3


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    def evaluations() -> Evaluations:
        return Evaluations(tmp_path / "losses.sqlite")

    monkeypatch.setattr(single, "Evaluations", evaluations)
    monkeypatch.setattr(cpu, "PATH", tmp_path / "none.json")
    return Runs(tmp_path / "runs.jsonl")


def test_runs_are_made_kept_and_not_made_again(kept: Runs) -> None:
    random = Peer("random", "main", "ours.py", "random", "1")
    jobs = [
        single.Job(random, "hartmann_noisy", 0, "sequential", 3),
        single.Job(random, "hartmann_noisy", 0, "pending4", 6),
        single.Job(replace(random, name="unmade", variant="astrology"), "branin", 0, "sequential", 3),
    ]
    wrong = single.work(jobs, kept, processes=1)
    assert list(wrong) == ["unmade branin seed 0 sequential 3"]
    assert "astrology" in wrong["unmade branin seed 0 sequential 3"]
    one, four = kept
    assert (len(one.losses), len(four.losses)) == (3, 6)
    # random suggestions do not depend on what was told, nor does the noise
    assert one.losses == four.losses[:3]
    assert one.told == four.told[:3] != one.losses
    assert min(one.cpu_s) > 0
    assert single.missing(jobs, kept) == jobs[2:]


def test_a_peer_without_an_environment_is_named_once(kept: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> Path:
        raise CannotInstall(f"{name}: pip says no")

    monkeypatch.setattr(single, "python_of", refuse)
    job = single.Job(Peer("x", "odd", "ours.py", "random", "1"), "branin", 0, "sequential", 1)
    assert single.work([job, replace(job, seed=1)], kept, processes=1) == {"x": "odd: pip says no"}
    assert list(kept) == []


def test_the_report_shows_losses_and_what_is_missing(tmp_path: Path, kept: Runs) -> None:
    versions = {"jupyter_tune": "new", "random": "1", "slow": "1", "absent": "1"}
    for seed in range(2):
        for problem, ours, random in (("branin", 1.0, 2.0), ("hartmann", -1.0, -3.0)):
            for name, loss in (("jupyter_tune", ours), ("random", random), ("slow", 0.0)):
                version = "old" if name == "jupyter_tune" else "1"
                if name != "slow" or problem == "branin":
                    kept.add(Run(name, version, problem, 1, seed, "sequential", [loss] * 30, [loss] * 30, []))
    path = report.write(kept, versions, {"slow hartmann": "died\nat length"}, tmp_path / "reports")
    text = path.read_text()
    assert "Measured on older source than the present: jupyter_tune." in text
    assert "| random | 1–1–0 (50 % [0, 100]) |" in text
    assert "| slow | 0–1–0 (0 % [0, 0]) |" in text
    assert "| branin | 1 | 2 | **0** |" in text
    assert "- slow hartmann: died\n" in text
    assert "2 problems, 4 pairs of problem and seed." in text
    assert "With those that have met fewer" in text
    assert "absent" in text
