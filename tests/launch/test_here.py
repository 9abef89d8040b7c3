"""Trials in this very process: `workers=0`."""

from __future__ import annotations

import contextlib
import os
import random
from typing import Any

import pytest

import jupyter_tune as jt
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.errors import OptionError
from jupyter_tune.journal import read_records
from jupyter_tune.trials.channel import TrialHalted

pytestmark = pytest.mark.usefixtures("nothing_stays")

SPACE = {"x": jt.Float(0, 1)}


def run(function: Any, space: Any = SPACE, **options: Any) -> StudyHandle:
    asked = {"maximize": "score", "sampler": "random", "trials": 4, "workers": 0}
    return jt.tune(function, space, **{**asked, **options})


def test_the_study_has_ended_when_tune_returns_and_ran_here() -> None:
    seen = []

    def train(x: float) -> float:
        seen.append((os.getpid(), jt.trial.number, jt.trial.params["x"] == x))
        return x

    study = run(train)
    assert (study.state, study.reason) == ("ended", "all trials done")
    assert seen == [(os.getpid(), number, True) for number in range(4)]
    assert [trial.slot for trial in study.trials] == ["kernel/0"] * 4
    assert [trial.value for trial in study.trials] == [trial.params["x"] for trial in study.trials]


def test_what_no_pickle_can_hold_is_used_as_it_is() -> None:
    open_file = open(os.devnull)  # noqa: SIM115
    choices = [open_file, None]
    study = run(lambda what: float(what is open_file), {"what": jt.Categorical(choices)})
    assert study.best_value == 1.0
    open_file.close()


def test_reports_are_recorded_before_they_return_and_the_pruner_decides() -> None:
    steps: dict[int, int] = {}

    def train(x: float) -> None:
        for step in range(1, 10):
            steps[jt.trial.number] = step
            jt.report(score=x - 0.1 * (jt.trial.number > 0), step=step)

    study = run(train, {"x": jt.Categorical([0.9, 0.1])}, trials=8, max_steps=9)
    states = {trial.number: trial.state for trial in study.trials}
    assert set(states.values()) == {"complete", "pruned"}
    assert all((steps[number] == 9) == (state == "complete") for number, state in states.items())
    assert all(max(trial.curve) == steps[trial.number] for trial in study.trials)


def test_a_trial_that_swallows_its_halt_is_pruned_all_the_same() -> None:
    def train(x: float) -> float:
        for step in range(1, 10):
            with contextlib.suppress(TrialHalted):
                jt.report(score=-jt.trial.number, step=step)
        return 99.0

    study = run(train, trials=6, max_steps=9)
    assert study.trials[0].state == "complete"
    assert "pruned" in {trial.state for trial in study.trials}
    assert all(trial.value != 99.0 for trial in study.trials if trial.state == "pruned")


def test_an_exception_is_raised_as_it_is_and_the_study_goes_on_in_the_background_later() -> None:
    fails = True

    def train(x: float) -> float:
        if fails and jt.trial.number == 1:
            raise ZeroDivisionError("here")
        return x

    with pytest.raises(ZeroDivisionError, match="here") as raised:
        run(train, name="broken")
    assert raised.traceback[-1].name == "train"
    study = jt.load_study("broken")
    assert [trial.state for trial in study.trials] == ["complete", "failed"]
    assert study.trials[1].reason == "ZeroDivisionError: here"
    fails = False
    study.resume()
    study.retry(1)
    study.wait()
    assert [trial.state for trial in study.trials] == ["complete"] * 4
    assert study.trials[3].slot != "kernel/0"
    study.close()


def test_an_interrupt_cancels_the_trial_and_ends_the_study() -> None:
    def train(x: float) -> float:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(train, name="interrupted")
    [trial] = jt.load_study("interrupted").trials
    assert (trial.state, trial.reason) == ("cancelled", "interrupted")


def test_a_trial_draws_the_same_numbers_here_as_in_a_process_of_its_own() -> None:
    def train(x: float) -> float:
        return random.random()

    here = [trial.value for trial in run(train, name="here").trials]
    study = run(train, name="there", workers=2)
    study.wait()
    assert [trial.value for trial in study.trials] == here


def test_after_it_report_and_trial_are_those_of_a_plain_script(capsys: pytest.CaptureFixture[str]) -> None:
    run(lambda x: x)
    capsys.readouterr()
    jt.report(score=1.0)
    assert capsys.readouterr().out == "step 1: score=1\n"
    assert jt.trial.params == {}


def test_the_file_is_that_of_any_study() -> None:
    study = run(lambda x: x, trials=2)
    kinds = [type(record.event).__name__ for record in read_records(study.path)]
    trial = ["TrialSuggested", "TrialStarted", "TrialEnded"]
    assert kinds == ["StudyOpened", *trial, *trial, "StudyEnded"]


@pytest.mark.parametrize("other", [{"detach": True}, {"trial_timeout": 5}])
def test_what_needs_a_process_of_its_own_is_refused(other: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=f"workers 0: .* excludes {next(iter(other))}"):
        run(lambda x: x, **other)


def test_a_command_is_refused() -> None:
    with pytest.raises(OptionError, match="a command is a program of its own; use 1 or more"):
        run(jt.Command("true {x}"), SPACE)
