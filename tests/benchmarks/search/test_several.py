"""The problems of several objectives and with constraints are those of the literature."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.search.environments import CannotInstall
from tests.benchmarks.search.lines import lines_of
from tests.benchmarks.search.several import run
from tests.benchmarks.search.several.problems import CONSTRAINED, PROBLEMS, SEVERAL
from tests.benchmarks.search.several.report import OURS, duels, found_of, table
from tests.benchmarks.search.several.score import found_after, volume

# the best points of the papers, as they round them
OPTIMA = {
    "welded beam": ([0.24437, 6.21752, 8.29147, 0.24437], 2.381, 0.02),
    "pressure vessel": ([13, 7, 42.0984, 176.6366], 6059.7, 5.0),
    "Townsend": ([2.0052938, 1.1944509], -2.0239884, 1e-4),
}


@pytest.mark.parametrize("name", OPTIMA)
def test_the_best_known_points_have_the_values_of_the_papers(name: str) -> None:
    point, value, within = OPTIMA[name]
    values, excesses = PROBLEMS[name].call(point)
    assert values[0] == pytest.approx(value, abs=within)
    scale = 100.0 if name != "Townsend" else 1e-3
    assert all(excess <= scale for excess in excesses)


def test_the_fronts_lie_before_their_reference_points() -> None:
    for problem in SEVERAL:
        if problem.name != "forest on digits":
            middle = [(low + high) / 4 for low, high in problem.bounds.values()]
            values, excesses = problem.call(middle)
            assert len(values) == len(problem.reference)
            assert len(excesses) == problem.constraints
    assert len(SEVERAL) >= 8
    assert len(CONSTRAINED) >= 4


def test_the_score_leaves_the_infeasible_out() -> None:
    beam = PROBLEMS["welded beam"]
    assert found_after(beam, [((1.0,), (1.0,)), ((3.0,), (-1.0,)), ((2.0,), (0.0,))]) == 2.0
    assert math.isnan(found_after(beam, [((1.0,), (1.0,))]))
    assert volume([(1.0, 2.0), (2.0, 1.0)], (3.0, 3.0)) == 3.0


def _row(
    tuner: str, problem: str, seed: int, version: str = "1", problem_version: int = 1, **found: float | None
) -> dict[str, Any]:
    values = {after.removeprefix("after_"): value for after, value in found.items()}
    versions = {"version": version, "problem_version": problem_version}
    return {"tuner": tuner, "problem": problem, "seed": seed, "found": values, **versions}


def test_the_table_has_the_median_the_range_and_what_was_not_found() -> None:
    rows = [_row("ours", "ZDT1", seed, after_30=value) for seed, value in enumerate((1.0, 3.0, 2.0, None))]
    # the same study again, when it was made longer
    rows.append(_row("ours", "ZDT1", 0, after_30=1.0, after_100=5.0))
    assert "| ZDT1 | 2 [1, 3], n=4, 1 without |" in table(found_of(rows, 30), 30)
    assert "| ZDT1 | 5 [5, 5], n=1 |" in table(found_of(rows, 100), 100)


def test_only_the_newest_version_of_a_tuner_and_the_present_problem_count() -> None:
    rows = [
        _row("ours", "ZDT1", 0, "a", after_30=1.0),
        _row("ours", "ZDT1", 1, "a", after_30=2.0),
        _row("ours", "ZDT1", 1, "b", after_30=3.0),
        _row("ours", "ZDT1", 2, "a", 2, after_30=4.0),
    ]
    assert found_of(rows, 30) == {"ours": {("ZDT1", 1): 3.0}}


def test_a_duel_counts_seeds_that_both_have_and_knows_which_way_is_better() -> None:
    rows = [
        # a hypervolume: ours is larger on both seeds, and the third has no partner
        *(_row(OURS, "ZDT1", seed, after_30=10.0) for seed in range(3)),
        *(_row("other", "ZDT1", seed, after_30=9.0) for seed in range(2)),
        # a value: ours is larger, hence worse
        _row(OURS, "Gardner", 0, after_30=-1.0),
        _row("other", "Gardner", 0, after_30=-1.5),
        # nothing feasible is worse than anything
        _row(OURS, "welded beam", 0, after_30=1e9),
        _row("other", "welded beam", 0, after_30=None),
        _row("elsewhere", "DTLZ2", 0, after_30=1.0),
    ]
    lines = duels(found_of(rows, 30), 30).splitlines()
    assert len(lines) == 3, "who has met ours on nothing is left out"
    assert lines[2].startswith("| other | 2–1–0 | 67% [")
    assert lines[2].endswith("| 4 | Gardner |")


def test_a_study_is_run_once_and_a_longer_one_counts_for_a_shorter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "rows.jsonl"
    words = ["--out", str(out), "--tuners", "jupyter_tune random", "--problems", "Gardner", "BNH"]
    for seeds, trials, expected in ((1, 31, 2), (1, 30, 2), (2, 30, 4), (1, 32, 6)):
        assert run.main([*words, "--seeds", str(seeds), "--trials", str(trials)]) == 0
        assert len(lines_of(out)) == expected, (seeds, trials)
    monkeypatch.setitem(
        run.TUNERS,
        "jupyter_tune random",
        replace(run.TUNERS["jupyter_tune random"], version=lambda: "another"),
    )
    assert run.main([*words, "--seeds", "1", "--trials", "30"]) == 0
    assert len(lines_of(out)) == 8, "of another version"
    first = lines_of(out)[0]
    assert (first["problem"], first["seed"], first["trials"], list(first["found"])) == (
        "Gardner",
        0,
        31,
        ["30"],
    )


def test_a_tuner_without_its_environment_is_reported_and_the_others_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def cannot(name: str) -> Path:
        raise CannotInstall(f"{name}: no index")

    monkeypatch.setattr(run, "python_of", cannot)
    out = tmp_path / "rows.jsonl"
    words = ["--out", str(out), "--seeds", "1", "--trials", "30", "--problems", "BNH"]
    assert run.main([*words, "--tuners", "Ax", "jupyter_tune random"]) == 1
    assert "Ax is missing: ax: no index" in capsys.readouterr().err
    assert [row["tuner"] for row in lines_of(out)] == ["jupyter_tune random"]


def test_a_tuner_runs_in_its_environment_and_its_rows_come_to_the_same_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def python_of(name: str) -> Path:
        asked.append(name)
        return Path(sys.executable)

    monkeypatch.setattr(run, "python_of", python_of)
    monkeypatch.setitem(
        run.TUNERS, "jupyter_tune random", run.Tuner(lambda: run.ask_ours("random"), lambda: "1", "ax")
    )
    out = tmp_path / "rows.jsonl"
    words = ["--out", str(out), "--seeds", "1", "--trials", "30", "--problems", "BNH"]
    assert run.main([*words, "--tuners", "jupyter_tune random"]) == 0
    assert asked == ["ax"]
    assert [(row["tuner"], row["problem"]) for row in lines_of(out)] == [("jupyter_tune random", "BNH")]


def test_the_version_of_ours_is_that_of_its_suggestions() -> None:
    assert run.version_of_ours("random") == run.version_of_ours("random") != run.version_of_ours("gp")
