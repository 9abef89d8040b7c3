"""A study goes on after its end, in the same handle: real drivers, real trials."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import time
import weakref
from pathlib import Path
from typing import Any

import pytest

import jupyter_tune as jt
from jupyter_tune.client.restarts import RESTARTS
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import INTERRUPTED, Study
from jupyter_tune.errors import DriverError, JournalError, OptionError, PayloadError, SpaceError
from jupyter_tune.journal import holder, read_records
from jupyter_tune.launch.plan import Plan
from jupyter_tune.launch.recipes import ingredients_of
from tests.endless import a_study
from tests.processes import is_gone, wait_until

OPTIONS: dict[str, Any] = {"maximize": "score", "sampler": "random", "workers": 2}

pytestmark = pytest.mark.usefixtures("nothing_stays")


def quick(x: jt.Float(0.0, 1.0) = 0.5) -> float:  # type: ignore[valid-type]
    print("x is", x)
    return float(x)


def test_an_ended_study_is_resumed_in_the_same_handle_and_its_watchers_are_called() -> None:
    study = jt.tune(quick, name="more", trials=3, **OPTIONS)
    study.wait()
    heard: list[int] = []
    study.fold.observe(lambda record: heard.append(record.seq))
    first = study.snapshot().seq
    with pytest.raises(OptionError, match="all 3 trials"):
        study.resume()
    study.resume(trials=2)
    assert study.state != "ended", "who waits now waits for the new end"
    study.wait()
    assert [trial.number for trial in study.trials] == [0, 1, 2, 3, 4]
    assert (study.state, study.reason) == ("ended", "all trials done")
    assert study.best_value == max(trial.value or 0 for trial in study.trials)
    assert heard == list(range(first + 1, study.snapshot().seq + 1)), "every record once, in order"
    assert study.snapshot().seq == Study.fold(read_records(study.path)).seq


def test_the_first_driver_ends_when_another_takes_over() -> None:
    study = a_study("over")
    owner = holder(study.path)
    study.stop()
    study.wait()
    assert owner is not None
    study.resume()
    wait_until(lambda: is_gone(owner["pid"]), "the first driver to end")
    assert study.state == "running"
    study.stop()
    study.wait()


def test_a_stop_is_taken_back_by_a_resume() -> None:
    study = a_study("stopped", trials=50)
    study.stop()
    study.wait()
    assert [trial.state for trial in study.trials] == ["cancelled"] * 2
    study.resume()
    wait_until(lambda: all(t.attempt == 2 and t.curve for t in study.trials), "second attempts to report")
    assert [min(trial.curve) for trial in study.trials] == [1, 1], "each attempt has a curve of its own"
    assert study.snapshot().settings.trials == 50
    assert study.reason == ""
    study.stop()
    study.wait()


def test_an_interrupted_study_goes_on_in_the_same_handle() -> None:
    study = a_study("killed")
    owner = holder(study.path)
    assert owner is not None
    os.kill(owner["pid"], signal.SIGKILL)
    wait_until(lambda: study.state == INTERRUPTED, "the handle to notice")
    with pytest.raises(DriverError, match=r"interrupted.*study\.resume\(\)"):
        study.pause()
    study.resume()
    wait_until(lambda: all(t.attempt == 2 and t.curve for t in study.trials), "second attempts to report")
    study.stop()
    study.wait()


def test_values_asked_for_after_the_end_run_alone() -> None:
    study = a_study("again", trials=50)
    study.stop()
    study.wait()
    with pytest.raises(SpaceError, match="outside"):
        study.enqueue(x=7.0)
    assert study.state == "ended"
    study.enqueue(x=0.25)
    wait_until(lambda: len(study.trials) == 3 and bool(study.trials[2].curve), "the third trial to report")
    assert [trial.state for trial in study.trials] == ["cancelled", "cancelled", "running"]
    assert (study.trials[2].params, study.trials[2].source) == ({"x": 0.25}, "user")
    assert study.snapshot().settings.trials == 3
    study.stop()
    study.wait()


def test_more_trials_while_it_runs_raise_the_budget_and_end_a_pause() -> None:
    study = a_study("running", trials=50)
    study.pause()
    study.resume(trials=3)
    wait_until(lambda: study.snapshot().settings.trials == 5, "the budget")
    wait_until(lambda: study.state == "running", "the end of the pause")
    study.stop()
    study.wait()


def test_a_resumed_study_has_its_whole_timeout_again() -> None:
    # long enough for both trials to report on a busy machine
    study = a_study("timeout", timeout=8)
    study.wait()
    assert study.reason == "timeout of 8 s reached"
    study.resume()
    resumed = time.monotonic()
    study.wait()
    assert time.monotonic() - resumed > 6
    assert study.reason == "timeout of 8 s reached"
    assert [trial.attempt for trial in study.trials] == [2, 2]


def scaled(x: jt.Float(0.0, 1.0) = 0.5) -> float:  # type: ignore[valid-type]
    return float(x)


def test_a_resumed_study_runs_the_current_function_of_that_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def mended(x: float) -> float:
        return 5.0

    study = jt.tune(scaled, name="mended", trials=2, **OPTIONS)
    study.wait()
    monkeypatch.setattr("tests.launch.test_recipes.scaled", mended)
    study.resume(trials=1)
    study.wait()
    assert study.trials[-1].value == 5.0
    monkeypatch.delattr("tests.launch.test_recipes.scaled")
    with pytest.raises(PayloadError, match=r"scaled: tests\.launch\.test_recipes has no such function"):
        study.resume(trials=1)
    assert study.state == "ended"


def test_nothing_that_a_cell_uses_is_kept_alive() -> None:
    class Big:
        pass

    namespace: dict[str, Any] = {"big": Big(), "unused": 1}
    seen = weakref.ref(namespace["big"])
    ingredients = ingredients_of({"kind": "cell", "names": {"big": namespace["big"]}}, namespace)
    del namespace["big"]
    gc.collect()
    assert seen() is None
    with pytest.raises(PayloadError, match="big: the trials use it"):
        ingredients.collect()
    namespace["big"] = 3
    assert ingredients.collect() == {"kind": "cell", "names": {"big": 3}}


def test_another_handle_resumes_if_this_process_has_the_code_and_else_names_the_way_out() -> None:
    study = jt.tune(quick, name="known", trials=2, **OPTIONS)
    study.wait()
    other = jt.load_study("known")
    assert other.can_resume
    other.resume(trials=1)
    other.wait()
    other.close()
    assert len(other.trials) == 3
    restart = RESTARTS.pop(study.path)
    try:
        with pytest.raises(DriverError, match=r"call jt.tune again with quick, name='known', resume=True"):
            jt.load_study("known").resume(trials=1)
    finally:
        RESTARTS[study.path] = restart
    # the first handle learns what happened meanwhile, and counts from there
    study.resume(trials=1)
    study.wait()
    assert len(study.trials) == 4


def test_resuming_a_study_that_another_process_has_resumed_follows_it() -> None:
    study = a_study("two", trials=50)
    other = jt.load_study("two")
    study.stop()
    study.wait()
    wait_until(lambda: other.state == "ended", "the other handle to see the end")
    study.resume()
    other.resume()
    assert other.state == "running"
    owner = holder(study.path)
    assert owner is not None
    study.stop()
    study.wait()
    wait_until(lambda: other.state == "ended", "the other handle to see the second end")


def test_logs_and_landscapes_are_available_after_the_driver_has_ended() -> None:
    study = jt.tune(quick, name="late", trials=4, **OPTIONS)
    study.wait()
    connection = study.connection
    assert connection is not None
    connection.close()
    wait_until(lambda: not connection.is_open, "the driver to go")
    assert study.state == "ended"
    assert study.log(0) == "x is 0.5\n"
    with pytest.raises(DriverError, match="there is no trial 99; the last is 3"):
        study.log(99)
    assert study.landscape()["x"] == "x"
    with contextlib.closing(jt.load_study("late")) as loaded:
        assert loaded.landscape()["x"] == "x"


def test_a_study_is_replaced_and_the_earlier_one_is_kept_whole(tmp_path: Path) -> None:
    first = jt.tune(quick, name="same", trials=3, **OPTIONS)
    first.wait()
    before = read_records(first.path)
    with pytest.raises(JournalError, match="--resume to go on with it, or --overwrite"):
        jt.tune(quick, name="same", trials=2, **OPTIONS)
    second = jt.tune(quick, name="same", trials=2, overwrite=True, **OPTIONS)
    second.wait()
    assert (len(second.trials), second.name) == (2, "same")
    assert first.path.name.startswith("same-20")
    assert read_records(first.path) == before
    assert len(jt.load_study(first.name).trials) == 3
    assert [first.log(n).startswith("x is") for n in range(3)] == [True] * 3
    assert sorted(path.name for path in tmp_path.glob("*.tune.files")) == sorted(
        ["same.tune.files", f"{first.name}.tune.files"]
    )
    # its code is the other study's now
    with pytest.raises(DriverError, match="does not have its code"):
        first.resume(trials=1)


def test_a_running_study_is_not_replaced() -> None:
    study = a_study("busy")
    with pytest.raises(JournalError, match=r"study 'busy' is running .* stop it first"):
        jt.tune(quick, name="busy", trials=2, overwrite=True, **OPTIONS)
    assert study.state == "running"
    study.stop()
    study.wait()


def test_overwrite_without_a_study_is_no_error_and_with_resume_it_is() -> None:
    study = jt.tune(quick, name="fresh", trials=1, overwrite=True, **OPTIONS)
    study.wait()
    with pytest.raises(OptionError, match="keep one of them"):
        jt.tune(quick, name="fresh", trials=1, overwrite=True, resume=True, **OPTIONS)


def test_a_resume_with_other_options_says_what_the_study_keeps() -> None:
    jt.tune(quick, name="options", trials=2, **OPTIONS).wait()
    study = jt.tune(quick, name="options", trials=4, resume=True, **{**OPTIONS, "sampler": "sobol"})
    study.wait()
    assert len(study.trials) == 4
    assert {trial.source for trial in study.trials} == {"default", "random"}
    with pytest.raises(OptionError, match="direction: maximize in the study, minimize here"):
        jt.tune(quick, name="options", minimize="score", sampler="random", resume=True, trials=9)


def test_a_study_that_started_warm_does_not_take_its_results_twice() -> None:
    jt.tune(quick, name="source", trials=3, **OPTIONS).wait()
    jt.tune(quick, name="warm", trials=1, warm_start=["source"], **OPTIONS).wait()
    study = jt.tune(quick, name="warm", trials=2, warm_start=["source"], resume=True, **OPTIONS)
    study.wait()
    assert sum(trial.source == "added" for trial in study.trials) == 3


def test_an_edit_is_told_once_and_not_again_when_the_study_goes_on(tmp_path: Path) -> None:
    space = jt.Space(x=jt.Float(0.0, 1.0))
    plan = Plan("s", tmp_path, space, Settings("score"), {}, {}, resume=True, edited=True)
    assert (plan.resumed().resume, plan.resumed().edited) == (True, False)
