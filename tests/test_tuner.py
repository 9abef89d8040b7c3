"""Tuner: the promises of ask, report and tell, without a process or a clock."""

from __future__ import annotations

import copy
import math
import pickle
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import jupyter_tune as jt
from jupyter_tune.core.parameters import Params
from jupyter_tune.errors import OptionError, SpaceError, TuneError

SPACE = {
    "lr": jt.Float(1e-4, 1e-1, log=True, default=1e-2),
    "width": jt.Int(8, 256, log=True),
    "act": jt.Categorical(["relu", "tanh"]),
}


def tuner(**options: Any) -> jt.Tuner:
    return jt.Tuner(SPACE, **{"maximize": "accuracy", "sampler": "random", **options})


def accuracy(params: Params, step: int) -> float:
    lr = params["lr"]
    assert isinstance(lr, float)
    return (1 - abs(math.log10(lr) + 2) / 4) * (1 - 0.5**step)


def test_the_first_trial_is_the_defaults() -> None:
    first = tuner().ask()
    assert first.number == 0
    assert first.params == {"lr": 1e-2, "width": 45, "act": "relu"}


@pytest.mark.parametrize("sampler", ["random", "sobol", "gp"])
def test_the_same_calls_give_the_same_trials(sampler: str) -> None:
    def run() -> list[Params]:
        tuned = tuner(sampler=sampler, seed=3)
        asked = []
        for _ in range(8):
            # two pending at a time
            pair = [tuned.ask(), tuned.ask()]
            for trial in pair:
                asked.append(dict(trial.params))
                tuned.tell(trial, accuracy=accuracy(trial.params, 5))
        return asked

    assert run() == run()


def test_a_bad_trial_is_pruned_and_a_good_one_goes_on() -> None:
    tuned = tuner(max_steps=27)
    good, middling, bad = tuned.ask(), tuned.ask(), tuned.ask()
    for step in range(1, 3):
        assert tuned.report(good, step=step, accuracy=0.9)
        assert tuned.report(middling, step=step, accuracy=0.8)
    assert tuned.report(bad, step=1, accuracy=0.1)
    assert not tuned.report(bad, step=2, accuracy=0.1), "grace is 6 % of 27 steps: 2"
    assert tuned.study.trials[bad.number].state == "pruned"
    assert tuned.report(good, step=3, accuracy=0.9)
    with pytest.raises(OptionError, match="is pruned"):
        tuned.tell(bad, accuracy=0.1)


@pytest.mark.parametrize("pruner", ["hyperband", "median"])
def test_the_other_pruners_stop_bad_trials_too(pruner: str) -> None:
    tuned = tuner(pruner=pruner, max_steps=9)
    for _ in range(40):
        trial = tuned.ask()
        if all(
            tuned.report(trial, step=step, accuracy=accuracy(trial.params, step)) for step in range(1, 10)
        ):
            tuned.tell(trial)
    counts = tuned.study.counts
    assert counts["pruned"] > 5
    assert counts["complete"] > 5
    pruned = max(trial.value or 0.0 for trial in tuned.study.in_state("pruned"))
    assert tuned.best_value > pruned


@pytest.mark.parametrize("pruner", ["asha", "hyperband"])
def test_without_max_steps_nothing_is_pruned(pruner: str) -> None:
    tuned = tuner(pruner=pruner)
    trials = [tuned.ask() for _ in range(20)]
    assert all(tuned.report(trial, step=s, accuracy=-trial.number) for trial in trials for s in range(1, 9))


def test_without_a_value_the_best_reported_counts() -> None:
    tuned = tuner(max_steps=9)
    trial = tuned.ask()
    for step, value in enumerate([0.2, 0.7, 0.5], 1):
        tuned.report(trial, step=step, accuracy=value)
    tuned.tell(trial)
    assert tuned.best_value == 0.7
    minimised = jt.Tuner(SPACE, minimize="loss", sampler="random")
    trial = minimised.ask()
    for step, value in enumerate([0.9, 0.3, 0.5], 1):
        minimised.report(trial, step=step, loss=value)
    minimised.tell(trial)
    assert minimised.best_value == 0.3


def test_an_enqueued_trial_comes_next_with_the_rest_filled_in() -> None:
    tuned = tuner()
    tuned.ask()
    tuned.enqueue({"lr": 3e-3})
    trial = tuned.ask()
    assert trial.params["lr"] == 3e-3
    assert set(trial.params) == set(SPACE)
    assert trial.source == "user"
    assert tuned.ask().source == "random"
    with pytest.raises(SpaceError, match="outside"):
        tuned.enqueue({"lr": 3.0})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t, a: t.tell(a, accuracy=None), "accuracy: a metric must be a number, got NoneType"),
        (lambda t, a: t.tell(a, accuracy=[0.1, 0.2]), "accuracy: a metric must be a number, got list"),
        (lambda t, a: t.report(a, step=1, accuracy="0.5"), "accuracy: a metric must be a number, got str"),
        (lambda t, a: t.report(a, step=2.7, accuracy=0.5), r"step: must be a whole number, got 2\.7"),
        (lambda t, a: t.report(a, step=math.nan, accuracy=0.5), "step: must be a whole number, got nan"),
        (lambda t, a: t.report(a, step=-1, accuracy=0.5), "step: must lie between 0"),
        (lambda t, a: t.tell(3, accuracy=0.5), "3 is not a trial"),
        (
            lambda t, a: t.tell(replace(a, params={**a.params, "act": "tanh"}), accuracy=0.5),
            "has other params",
        ),
        (lambda t, a: t.add_trial(SPACE, accuracy=None), "accuracy: a metric must be a number"),
        (lambda t, a: t.add_trial(None, accuracy=0.5), "params are given as name -> value, got None"),
        (lambda t, a: t.enqueue(0.5), "params are given as name -> value, got 0.5"),
        (lambda t, a: t.enqueue({"lr": math.nan}), "lr must be finite"),
        (lambda t, a: t.narrow(lr=0.5), r"lr: a narrowed range is \(low, high\), .*got 0\.5"),
        (lambda t, a: t.narrow(act="relu"), "act: a narrowed range is .*, or a list of choices; got 'relu'"),
        (lambda t, a: t.narrow(lr=None), "lr: a narrowed range is"),
        (lambda t, a: t.narrow([1, 2]), r"narrow: give name=\(low, high\)"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_no_trace(call: Any, message: str) -> None:
    tuned = tuner(max_steps=9)
    trial = tuned.ask()
    before = tuned.study.seq
    with pytest.raises(TuneError, match=message):
        call(tuned, trial)
    assert tuned.study.seq == before
    tuned.tell(trial, accuracy=0.5)


def test_ranges_are_narrowed_by_name_or_by_a_mapping() -> None:
    tuned = tuner()
    tuned.narrow(lr=(1e-3, 1e-2), act=["tanh"])
    assert (tuned.study.ranges["lr"].range, tuned.study.ranges["act"].range) == ((1e-3, 1e-2), ("tanh",))
    tuned.narrow({"lr": np.array([2e-3, 3e-3])})  # type: ignore[dict-item]
    assert tuned.study.ranges["lr"].range == (2e-3, 3e-3)


def test_threads_share_a_tuner_and_lose_nothing() -> None:
    tuned = tuner(max_steps=9)
    told: list[int] = []

    def work() -> None:
        for _ in range(10):
            trial = tuned.ask()
            if tuned.report(trial, step=1, accuracy=accuracy(trial.params, 1)):
                tuned.tell(trial, accuracy=accuracy(trial.params, 9))
            told.append(trial.number)
            assert tuned.best_value <= 1.0

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work) for _ in range(4)]:
            done.result()
    assert sorted(told) == list(range(40))
    assert all(not trial.is_live for trial in tuned.study.trials.values())


def test_one_after_the_other_the_first_trials_wait_and_the_best_comes_again() -> None:
    tuned = tuner(max_steps=27, trials=30)
    asked: list[int] = []
    complete: list[int] = []
    while not tuned.is_done:
        trial = tuned.ask()
        asked.append(trial.number)
        assert (trial.state, trial.curve) == ("running", {})
        if all(
            tuned.report(trial, step=step, accuracy=accuracy(trial.params, step)) for step in range(1, 28)
        ):
            tuned.tell(trial)
            complete.append(trial.number)
    assert asked[:9] == list(range(9))
    best_of_nine = max(range(9), key=lambda number: tuned.study.rungs[2][number])
    assert asked[9] == best_of_nine
    assert sorted(set(asked)) == list(range(30))
    assert len(asked) in (31, 32), "once at each of two rungs, at most"
    assert tuned.best_trial.number in complete
    with pytest.raises(TuneError, match="all, trials=30, were asked for"):
        tuned.ask()


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda tuned: pickle.loads(pickle.dumps(tuned))])
def test_a_copy_goes_on_by_itself(duplicate: Any) -> None:
    tuned = tuner()
    pending = tuned.ask()
    other = duplicate(tuned)
    # a trial may come back from a process that it was sent to
    other.tell(pickle.loads(pickle.dumps(pending)), accuracy=0.5)
    assert (other.best_value, tuned.study.counts["running"]) == (0.5, 1)
    assert other.ask().params == tuned.ask().params


def test_an_added_result_counts_as_known_and_not_as_asked() -> None:
    tuned = tuner()
    added = tuned.add_trial({"lr": 1e-3, "width": 64, "act": "tanh"}, accuracy=0.99)
    assert tuned.best_trial is added
    assert tuned.ask().source == "default"
    with pytest.raises(SpaceError, match="width"):
        tuned.add_trial({"lr": 1e-3, "act": "tanh"}, accuracy=0.5)


def test_failed_and_nan_trials_are_never_best() -> None:
    tuned = tuner()
    tuned.tell(tuned.ask(), state="failed")
    tuned.tell(tuned.ask(), accuracy=math.nan)
    with pytest.raises(TuneError, match="no trial has a best value yet"):
        _ = tuned.best_trial
    tuned.tell(tuned.ask(), accuracy=0.1)
    assert tuned.best_value == 0.1


def test_bad_calls_name_the_culprit() -> None:
    with pytest.raises(OptionError, match="maximize"):
        jt.Tuner(SPACE)
    with pytest.raises(OptionError, match="bayes"):
        tuner(sampler="bayes")
    tuned = tuner()
    trial = tuned.ask()
    with pytest.raises(OptionError, match="accuracy"):
        tuned.report(trial, step=1, loss=0.3)
    with pytest.raises(OptionError, match="has no value"):
        tuned.tell(trial)
    with pytest.raises(OptionError, match="won"):
        tuned.tell(trial, state="won")


def test_narrowed_ranges_are_obeyed_from_the_next_ask() -> None:
    tuned = tuner()
    for _ in range(5):
        tuned.tell(tuned.ask(), accuracy=0.5)
    tuned.narrow({"lr": (1e-3, 2e-3), "act": ["tanh"]})
    for _ in range(20):
        params = tuned.ask().params
        assert 1e-3 <= params["lr"] <= 2e-3  # type: ignore[operator]
        assert params["act"] == "tanh"


def test_gp_finds_better_values_than_random_on_the_same_budget() -> None:
    def best(sampler: str, seed: int) -> float:
        tuned = tuner(sampler=sampler, seed=seed)
        for _ in range(20):
            trial = tuned.ask()
            wide = trial.params["width"]
            assert isinstance(wide, int)
            value = accuracy(trial.params, 9) - abs(math.log2(wide) - 6.5) / 10
            tuned.tell(trial, accuracy=value + random.Random(trial.number).gauss(0, 0.002))
        return tuned.best_value

    wins = sum(best("gp", seed) > best("random", seed) for seed in range(5))
    assert wins >= 4
