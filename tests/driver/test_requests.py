"""What people request of a study that runs: over the driver's socket, from the request to its outcome."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import pytest

import jupyter_tune as jt
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.core.study import Study
from jupyter_tune.errors import DriverError, OptionError, SpaceError, TuneError
from jupyter_tune.journal import holder, read_records
from jupyter_tune.wire.requests import Halt, Narrow
from tests import endless
from tests.processes import wait_until

pytestmark = pytest.mark.usefixtures("nothing_stays")


a_study = partial(endless.a_study, names="xy", trials=20)


def running(study: StudyHandle) -> set[int]:
    return {trial.number for trial in study.trials if trial.state == "running"}


def until(study: StudyHandle, number: int, state: str) -> None:
    wait_until(lambda: study.trials[number].state == state, f"trial {number} to be {state}")


def test_a_trial_is_pruned_with_its_best_reading_and_another_is_cancelled_without() -> None:
    study = a_study("halts")
    study.prune(0)
    until(study, 0, "pruned")
    pruned = study.trials[0]
    assert (pruned.reason, pruned.value) == ("pruned by the user", pruned.curve[1])
    study.cancel(1)
    until(study, 1, "cancelled")
    assert (study.trials[1].reason, study.trials[1].value) == ("cancelled by the user", None)
    wait_until(lambda: running(study) == {2, 3}, "others to take their slots")
    study.stop()
    study.wait()
    assert study.trials[2].reason == "stopped by the user"


def test_a_halt_that_cannot_be_is_refused_with_the_reason() -> None:
    study = a_study("no-halts")
    with pytest.raises(DriverError, match="there is no trial 99; the last is 1"):
        study.cancel(99)
    with pytest.raises(DriverError, match="no state 'complete' to end a trial in; use pruned or cancelled"):
        study.ask(Halt(0, "complete"))
    study.cancel(0)
    until(study, 0, "cancelled")
    with pytest.raises(DriverError, match="trial 0 has ended already, it is cancelled"):
        study.prune(0)
    study.stop()
    study.wait()


def silent(x: float) -> None:
    time.sleep(600)


def test_a_trial_without_a_reading_is_cancelled_and_not_pruned() -> None:
    options: dict[str, Any] = {"maximize": "score", "sampler": "random", "workers": 1}
    study = jt.tune(silent, {"x": jt.Float(0.0, 1.0)}, name="silent", **options)
    wait_until(lambda: running(study) == {0}, "a trial to run")
    with pytest.raises(DriverError, match="trial 0 has reported no value yet; cancel it instead"):
        study.prune(0)
    study.cancel(0)
    until(study, 0, "cancelled")
    study.stop()
    study.wait()


def test_the_budget_changes_while_the_study_runs() -> None:
    study = a_study("budget")
    study.set_budget(workers=3)
    wait_until(lambda: running(study) == {0, 1, 2}, "a third slot")
    study.set_budget(trials=3, workers=1)
    for number in (0, 1, 2):
        study.cancel(number)
    study.wait()
    assert (len(study.trials), study.reason) == (3, "all trials done")


def test_a_budget_that_cannot_be_is_refused_with_the_reason() -> None:
    study = a_study("no-budget")
    refused: list[tuple[dict[str, Any], str]] = [
        ({"trials": 1}, "trials: 1 is less than the 2 that are spent; use 2 or more"),
        ({"trials": 0}, "trials: must be 1 or more, got 0"),
        ({"workers": 0}, "workers: must be 1 or more, got 0"),
        ({"workers": "many"}, "workers: must be a number, got 'many'"),
        ({"trials": 7.5}, r"trials: must be a whole number, got 7\.5"),
    ]
    for budget, error in refused:
        with pytest.raises(OptionError, match=error):
            study.set_budget(**budget)
    assert study.snapshot().acts == ()
    study.stop()
    study.wait()


def test_a_grid_s_budget_ends_with_its_points() -> None:
    space = {"n": jt.Int(1, 4)}
    study = jt.tune(silent, space, name="grid", maximize="score", sampler="grid", trials=2)
    study.set_budget(trials=100)
    wait_until(lambda: study.snapshot().settings.trials == 4, "a budget of the grid's size")
    wait_until(lambda: any("4 points" in text for _, text in study.notices), "the reason")
    study.stop()
    study.wait()


def test_enqueued_values_are_checked_and_part_of_the_budget() -> None:
    study = a_study("queue", trials=3)
    with pytest.raises(SpaceError, match="outside"):
        study.enqueue(x=7.0)
    study.enqueue(x=0.25)
    with pytest.raises(DriverError, match=r"all 3 trials .* are taken; raise it .* set_budget\(trials=4\)"):
        study.enqueue(x=0.75)
    study.set_budget(trials=4)
    study.enqueue(x=0.75)
    study.cancel(0)
    study.cancel(1)
    wait_until(lambda: running(study) == {2, 3}, "both to run")
    assert [(t.params["x"], t.source) for t in study.trials[2:]] == [(0.25, "user"), (0.75, "user")]
    study.stop()
    study.wait()


def test_every_kind_of_change_is_undone() -> None:
    study = a_study("undo")
    declared = study.snapshot().ranges
    study.narrow(x=(0.1, 0.2))
    study.narrow(x=(0.1, 0.2))  # nothing new: nothing to undo
    study.set_budget(trials=None, workers=2)
    study.enqueue(x=0.25)
    study.enqueue(x=0.75)
    study.pause()
    wait_until(lambda: study.state == "paused", "the pause")
    acts = study.snapshot().acts
    narrowing, budget, first, _, pause = (act.seq for act in acts)
    study.undo()
    wait_until(lambda: study.state == "running", "the end of the pause")
    study.undo(first)
    study.undo(narrowing)
    study.undo(budget)
    wait_until(lambda: len(study.snapshot().acts) == 9, "everything to be undone")
    now = study.snapshot()
    assert (now.ranges, now.settings.trials, now.settings.workers) == (declared, 20, 2)
    assert [entry.params for entry in now.queue] == [{"x": 0.75}]
    assert all(getattr(act.event, "by", "") == "undo" for act in now.acts[5:])
    with pytest.raises(TuneError, match=f"record {pause} is undone, or a newer"):
        study.undo(pause)
    study.undo()
    with pytest.raises(TuneError, match="nothing is left to undo"):
        study.undo()
    study.stop()
    study.wait()
    assert Study.fold(read_records(study.path)).acts[:9] == now.acts


def test_what_cannot_be_undone_is_refused_with_the_reason() -> None:
    study = a_study("no-undo")
    study.set_budget(trials=2)
    study.set_budget(trials=10)
    study.cancel(0)
    wait_until(lambda: running(study) == {1, 2}, "another in its place")
    lowered, raised, halt = (act.seq for act in study.snapshot().acts)
    with pytest.raises(TuneError, match="trial 0 was halted and is not started again; enqueue its values"):
        study.undo(halt)
    with pytest.raises(TuneError, match=f"record {lowered} is undone, or a newer change replaced it"):
        study.undo(lowered)
    with pytest.raises(TuneError, match="record 1 is not a change that can be undone"):
        study.undo(1)
    with pytest.raises(OptionError, match="trials: 2 is less than the 3 that are spent"):
        study.undo(raised)
    study.stop()
    study.wait()
    with pytest.raises(DriverError, match="the study has ended"):
        study.undo()


def test_a_resumed_study_keeps_its_queue_and_its_ranges_and_the_way_back() -> None:
    study = a_study("later", trials=4)
    study.pause()
    study.narrow(x=(0.1, 0.2))
    study.enqueue(x=0.75)
    study.close()
    wait_until(lambda: holder(study.path) is None, "its driver to go")
    search: dict[str, Any] = {"maximize": "score", "sampler": "random", "workers": 2, "trials": 4}
    again = jt.tune(endless.endless, endless.unit_space("xy"), name="later", resume=True, **search)
    now = again.snapshot()
    assert not now.paused, "a resume lifts the pause"
    assert [entry.params for entry in now.queue] == [{"x": 0.75}]
    again.undo()
    again.undo()
    wait_until(lambda: again.snapshot().ranges == now.space, "the declared ranges")
    wait_until(lambda: running(again) == {0, 1}, "what ran before to run again")
    again.stop()
    again.wait()


def test_two_handles_on_one_study_see_and_do_the_same() -> None:
    study = a_study("shared")
    other = jt.load_study("shared")
    other.narrow(x=(0.1, 0.2))
    study.pause()
    wait_until(lambda: other.snapshot().seq == study.snapshot().seq, "both to know the same")
    assert other.snapshot().acts == study.snapshot().acts
    other.undo()
    wait_until(lambda: study.state == other.state == "running", "the end of the pause, for both")
    study.undo()
    wait_until(lambda: other.snapshot().undoable == (), "nothing to be left, for both")
    study.stop()
    study.wait()
    other.close()


def test_of_two_who_change_a_range_at_once_the_later_one_learns_of_the_other() -> None:
    study = a_study("met")
    other = jt.load_study("met")
    study.narrow(x=(0.1, 0.2))
    study.narrow(x=(0.3, 0.4), y=(0.5, 0.6))  # before its own record has come back
    # the other one has not learnt of it yet, as a page whose slider is being dragged
    other.ask(Narrow({"x": [0.7, 0.8]}, was={"x": [0.0, 1.0]}))
    other.ask(Narrow({"y": [0.5, 0.6]}, was={"y": [0.0, 1.0]}))  # both want the same
    wait_until(lambda: len(study.notices) == 1, "the notice")
    [(level, text)] = study.notices
    assert (level, text) == (
        "info",
        "x: two changes met; it was [0.3, 0.4] since a moment before, and is [0.7, 0.8] now; undo brings the "
        "former back",
    )
    wait_until(lambda: other.notices == study.notices, "the other to be told too")
    study.undo()
    wait_until(lambda: study.snapshot().ranges.ranges()["x"] == [0.3, 0.4], "the former range")
    study.stop()
    study.wait()
    other.close()
