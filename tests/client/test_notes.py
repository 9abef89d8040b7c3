"""Tags and notes: on a study that runs, after its end, after its driver's death, and by its trials."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from typing import Any

import pytest

import jupyter_tune as jt
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.core.study import Study
from jupyter_tune.errors import DriverError, OptionError
from jupyter_tune.journal import holder, read_records
from tests.endless import a_study
from tests.processes import wait_until

pytestmark = pytest.mark.usefixtures("nothing_stays")


def train(x: float) -> float:
    jt.trial.set_user_attr("size", 10 * jt.trial.number)
    jt.report(loss=x, step=5)
    jt.trial.set_user_attr("data", ["digits", jt.trial.user_attrs["size"]])
    jt.report(loss=x)
    return x


def finished(name: str, **options: Any) -> StudyHandle:
    study = jt.tune(
        train, {"x": jt.Float(0, 1)}, minimize="loss", sampler="random", trials=2, name=name, **options
    )
    study.wait()
    return study


def test_what_trials_write_on_themselves_is_no_step_and_has_columns():
    study = finished("attrs")
    assert [trial.user_attrs for trial in study.trials] == [
        {"size": 0, "data": ["digits", 0]},
        {"size": 10, "data": ["digits", 10]},
    ]
    assert [list(trial.curve) for trial in study.trials] == [[5, 6]] * 2
    study.tag(good=True, trial=1)
    frame = study.trials_dataframe()
    assert frame["user_attrs_size"].tolist() == [0.0, 10.0]
    assert frame["user_attrs_data"].tolist() == [["digits", 0], ["digits", 10]]
    assert frame["user_attrs_good"].tolist() == [None, True]


def test_a_study_is_tagged_by_an_option_and_while_it_runs():
    study = a_study("tagged", tag=["data=digits", "draft"])
    wait_until(lambda: study.tags == {"data": "digits", "draft": True}, "the tags of the option")
    study.tag({"draft": None}, size=3)
    study.set_user_attr("author", "me")
    study.note("looks good")
    wanted = {"data": "digits", "size": 3, "author": "me"}
    wait_until(
        lambda: study.notes == {None: "looks good"} and study.user_attrs == wanted, "the driver to say so"
    )
    with pytest.raises(OptionError, match="tag: size=<object"):
        study.tag(size=object())
    with pytest.raises(DriverError, match="there is no trial 99"):
        study.note("nobody's", trial=99)


def test_an_ended_study_takes_tags_and_notes_from_its_own_driver_and_from_another():
    study = finished("ended")
    study.note("by the driver that is left")
    assert study.notes == {None: "by the driver that is left"}
    with closing(jt.load_study("ended")) as again:
        again.tag({"reviewed": True})
        again.note("the better one", trial=again.best_trial.number)
        assert (again.best_trial.note, again.tags) == ("the better one", {"reviewed": True})
        assert again.landscape is not None
        assert again.state == "ended"
    # this handle has not followed that driver: it learns of it with its own next note
    study.tag(more=1)
    assert study.tags == {"reviewed": True, "more": 1}
    assert study.state == "ended"
    study.resume(trials=1)
    study.wait()
    assert len(study.trials) == 3
    assert Study.fold(read_records(study.path)).notes[None] == "by the driver that is left"


def test_a_study_whose_driver_was_killed_takes_a_note_and_stays_interrupted():
    study = a_study("killed")
    owner = holder(study.path)
    assert owner is not None
    os.kill(owner["pid"], signal.SIGKILL)
    wait_until(lambda: study.state == "interrupted", "the handle to notice")
    study.note("the machine went down")
    assert (study.state, study.notes) == ("interrupted", {None: "the machine went down"})
    assert jt.load_study("killed").state == "interrupted"
