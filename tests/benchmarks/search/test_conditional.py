"""The conditional problems, what peers are told of them, and a benchmark of them from end to end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks.search import single
from tests.benchmarks.search.conditional import report, run
from tests.benchmarks.search.conditional.formulas import FORMULAS
from tests.benchmarks.search.conditional.problems import HELD_OUT, conditional
from tests.benchmarks.search.peer import Peer
from tests.benchmarks.search.peers.ours import space_of
from tests.benchmarks.search.results import Evaluations, Runs
from tests.benchmarks.search.spaces import OutsideSpaceError, check, draw


@pytest.mark.parametrize("name", FORMULAS)
def test_no_random_point_beats_the_optimum_and_its_place_reaches_it(name: str) -> None:
    formula, rng = FORMULAS[name], np.random.default_rng(7)
    assert formula.loss(check(formula.space, formula.at)) == pytest.approx(formula.optimum, abs=1e-5)
    assert min(formula.loss(draw(formula.space, rng)) for _ in range(2000)) >= formula.optimum


def test_every_problem_takes_what_its_space_draws_and_our_space_is_the_same() -> None:
    rng = np.random.default_rng(1)
    for problem in conditional().values():
        params = check(problem.space, draw(problem.space, rng))
        assert problem.loss(params) is not None
        assert space_of(list(problem.space)).check(params) == params
    assert set(HELD_OUT) < set(conditional())


def test_a_parameter_that_does_not_exist_beside_the_others_is_refused() -> None:
    formula = FORMULAS["tree"]
    with pytest.raises(OutsideSpaceError, match="wanted"):
        check(formula.space, {**formula.at, "r8": 0.5})


def test_runs_are_kept_and_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single, "Evaluations", lambda: Evaluations(tmp_path / "losses.sqlite"))
    random = Peer("random", "main", "ours.py", "random", "1")
    ours = replace(random, name="jupyter_tune")
    runs = Runs(tmp_path / "runs.jsonl")
    jobs = run.jobs_for([ours, random], ["rare_branch"], seeds=1, trials=40)
    assert single.work(jobs, runs, processes=1) == {}
    assert single.missing(jobs, runs) == []
    shown = report.tables(runs, {peer.name: peer.version for peer in (ours, random)})
    # the same tuner and seed: a tie, on a problem that is held out
    assert "| random | 0–0–1, 50 % [50, 50] | 0–0–1, 50 % [50, 50] | 0.000 [0.000, 0.000] |" in shown
    assert "rare_branch (held out)" in shown
