"""Tuner with several runs of each configuration, and with the best ones measured again."""

from __future__ import annotations

import pickle
import random
from typing import Any

import pytest

import jupyter_tune as jt
from jupyter_tune.core.launches import trial_seed
from jupyter_tune.core.parameters import Scalar
from jupyter_tune.core.trial import CONFIRM
from jupyter_tune.errors import OptionError, TuneError
from jupyter_tune.trials.repeats import seed_of


def tuner(**options: Any) -> jt.Tuner:
    return jt.Tuner({"x": jt.Float(0.0, 1.0)}, **{"maximize": "score", "sampler": "random", **options})


def score(x: Scalar, seed: int, noise: float = 0.01) -> float:
    assert isinstance(x, float)
    return -((x - 0.3) ** 2) + random.Random(seed).gauss(0, noise)


def run(tuned: jt.Tuner, noise: float = 0.01) -> list[tuple[int, int]]:
    """The trial and its run, of each ask."""
    asked = []
    while not tuned.is_done:
        trial = tuned.ask()
        asked.append((trial.number, trial.repeat))
        tuned.tell(trial, score=score(trial.params["x"], trial.seed, noise))
    return asked


def test_a_trial_is_asked_for_until_all_its_runs_are_told() -> None:
    tuned = tuner(trials=2, repeats=3, pruner="none")
    assert run(tuned) == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    trial = tuned.study.trials[0]
    values = [score(0.5, seed_of(trial_seed(0, 0), repeat)) for repeat in range(3)]
    assert list(trial.fold_values.values()) == pytest.approx(values)
    assert trial.value == pytest.approx(sum(values) / 3)
    assert trial.standard_error is not None


def test_each_run_has_a_seed_of_its_own_as_in_a_study() -> None:
    tuned = tuner(repeats=3, seed=7)
    seeds = []
    for _ in range(3):
        trial = tuned.ask()
        seeds.append(trial.seed)
        tuned.tell(trial, score=0.5)
    assert seeds == [seed_of(trial_seed(7, 0), repeat) for repeat in range(3)]
    assert len(set(seeds)) == 3
    assert tuner(seed=7).ask().seed == seeds[0]


def test_a_trial_that_is_clearly_worse_is_over_after_its_first_run() -> None:
    tuned = tuner(trials=30, repeats=5)
    asked = run(tuned, noise=1e-4)
    stopped = [trial for trial in tuned.study.trials.values() if trial.state == "pruned"]
    assert len(asked) < 0.6 * 30 * 5
    assert stopped
    assert all("paired" in trial.reason for trial in stopped)
    assert tuned.best_params["x"] == pytest.approx(0.3, abs=0.1)


def test_two_trials_may_be_in_their_runs_at_the_same_time() -> None:
    tuned = tuner(trials=2, repeats=2, pruner="none")
    first, second = tuned.ask(), tuned.ask()
    assert (first.number, second.number) == (0, 1)
    tuned.tell(second, score=0.2)
    again = tuned.ask()
    assert (again.number, again.repeat) == (1, 1)
    tuned.tell(first, score=0.1)
    tuned.tell(again, score=0.4)
    tuned.tell(tuned.ask(), score=0.3)
    assert tuned.is_done
    assert tuned.best_value == pytest.approx(0.3)


def test_reports_and_folds_are_of_the_present_run() -> None:
    tuned = tuner(repeats=2, pruner="none")
    trial = tuned.ask()
    for value in (0.1, 0.5):
        assert tuned.report(trial, score=value)
    tuned.tell(trial)
    trial = tuned.ask()
    for fold in range(2):
        assert tuned.report(trial, score=0.2 + fold, fold=fold)
    tuned.tell(trial)
    assert trial.fold_values == {0: 0.5, "1.0": 0.2, "1.1": 1.2}
    assert trial.state == "complete"


def test_a_final_value_corrects_the_last_report_of_its_run() -> None:
    tuned = tuner(repeats=2, pruner="none", minimize=None)
    trial = tuned.ask()
    tuned.report(trial, score=0.9)
    tuned.tell(trial, score=0.4)
    tuned.tell(tuned.ask(), score=0.6)
    assert trial.fold_values == {0: 0.4, 1: 0.6}


def test_a_run_without_a_value_is_refused_also_after_one_that_had_it() -> None:
    tuned = tuner(repeats=2, pruner="none")
    tuned.tell(tuned.ask(), score=0.5)
    trial = tuned.ask()
    with pytest.raises(OptionError, match="trial 0 has no value"):
        tuned.tell(trial)
    tuned.tell(trial, state="failed")
    assert trial.state == "failed"
    assert tuned.ask().number == 1


def test_a_tuner_that_was_pickled_between_two_runs_goes_on_with_the_second() -> None:
    tuned = tuner(repeats=2, pruner="none")
    tuned.tell(tuned.ask(), score=0.5)
    again = pickle.loads(pickle.dumps(tuned))
    assert (again.ask().number, again.ask().number) == (0, 1)


def test_no_more_than_the_trials_are_given() -> None:
    tuned = tuner(trials=1)
    trial = tuned.ask()
    with pytest.raises(TuneError, match=r"trials=1, were asked for"):
        tuned.ask()
    done = [tuned.is_done]
    tuned.tell(trial, score=0.5)
    assert [*done, tuned.is_done] == [False, True]


def test_the_last_trials_measure_the_best_again() -> None:
    tuned = tuner(trials=20, confirm=6, seed=1)
    run(tuned, noise=0.1)
    sources = [trial.source for trial in tuned.study.trials.values()]
    assert sources.count(CONFIRM) == 6
    assert sources[-6:] == [CONFIRM] * 6
    sure = tuned.confirmed
    assert sure is not None
    assert (sure.number, sure.value) == (tuned.best_trial.number, tuned.best_value)
    assert tuned.best_value < max(t.value or 0.0 for t in tuned.study.trials.values())
    assert sure.low < sure.expected < sure.value
    best = tuned.best_params
    assert best == tuned.best_trial.params
    assert f"mean of {sure.count} measurements, 95 % " in best.certainty
    assert f", best of 14 with {100 * sure.chance:.0f} %" in best.certainty
    assert type(pickle.loads(pickle.dumps(best))) is dict


def test_what_is_enqueued_again_counts_as_another_measurement() -> None:
    tuned = tuner(seed=1)
    trials = [tuned.ask() for _ in range(6)]
    for trial, value in zip(trials, (0.50, 0.48, 0.60, 0.52, 0.51, 0.49), strict=True):
        tuned.tell(trial, score=value)
    assert tuned.best_params == trials[2].params
    once = "score 0.6, measured once, which does not tell how sure it is"
    assert tuned.best_params.certainty == once
    for value in (0.41, 0.43):
        tuned.enqueue(trials[2].params)
        tuned.tell(tuned.ask(), score=value)
    assert tuned.best_params == trials[3].params
    assert tuned.best_params.certainty.startswith("score 0.52, measured once, 95 % ")


def test_repeats_and_confirming_go_together() -> None:
    tuned = tuner(trials=6, confirm=2, repeats=2, pruner="none")
    asked = run(tuned)
    assert asked == [(number, repeat) for number in range(6) for repeat in range(2)]
    assert tuned.confirmed is not None


def test_a_grid_is_tried_before_it_is_confirmed() -> None:
    tuned = jt.Tuner({"n": jt.Int(1, 4)}, maximize="score", sampler="grid", confirm=3)
    found: list[float] = []
    while not tuned.is_done:
        trial = tuned.ask()
        n = trial.params["n"]
        assert isinstance(n, int)
        found.append(n)
        tuned.tell(trial, score=float(n))
    assert sorted(found[:4]) == [1, 2, 3, 4]
    assert set(found[4:]) == {3, 4}
    assert len(found) == 7


def test_confirming_needs_to_know_which_trials_are_the_last() -> None:
    with pytest.raises(OptionError, match=r"say how many in all, by trials$"):
        tuner(confirm=3)
