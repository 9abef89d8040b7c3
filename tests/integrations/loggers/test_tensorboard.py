"""TensorBoard: what its own reader of event files finds."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import api_pb2
from tensorboard.plugins.hparams import metadata as hparams

import jupyter_tune as jt
from jupyter_tune.cli.app import cli
from jupyter_tune.core.events import (
    StudyEnded,
    TrialEnded,
    TrialReported,
    TrialResumed,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.parameters import Categorical, Float
from jupyter_tune.core.space import Space
from jupyter_tune.integrations.loggers.follower import Follower
from jupyter_tune.integrations.loggers.tensorboard import TensorBoardTracker
from jupyter_tune.journal import files_folder
from tests.integrations.loggers.books import study_of
from tests.views import studies


def read(path: Path, run: str = "") -> EventAccumulator:
    """What TensorBoard finds of a run of the study in `path`."""
    found = EventAccumulator(
        str(files_folder(path) / "tensorboard" / run), size_guidance={"tensors": 0, "scalars": 0}
    )
    found.Reload()
    return found


def curve(found: EventAccumulator, tag: str) -> list[tuple[int, Any]]:
    """Steps and values; these in single precision, as event files have them."""
    return [(each.step, pytest.approx(each.value, rel=1e-6)) for each in found.Scalars(tag)]


def text(found: EventAccumulator, tag: str) -> str:
    return found.Tensors(tag)[-1].tensor_proto.string_val[0].decode()


def plugin_data(found: EventAccumulator, tag: str) -> bytes:
    content: bytes = found.SummaryMetadata(tag).plugin_data.content
    return content


def log(path: Path) -> None:
    Follower(
        path,
        "tensorboard",
        TensorBoardTracker,
        since=None,
        notice=lambda text, level: None,
        is_over=lambda wait_s: True,
        tries=1,
    ).run()


SPACE = {
    "lr": jt.Float(1e-4, 1e-1, log=True),
    "act": jt.Categorical(["relu", "tanh"]),
    "depth": jt.Int(1, 9),
}


def train(lr: float, act: str, depth: int) -> None:
    for step in range(1, 4):
        jt.report(accuracy=lr * step, step=step)
        time.sleep(0.01)
    jt.trial.set_user_attr("batch", 32)
    if depth > 6:
        raise ValueError("too deep")


@pytest.mark.usefixtures("nothing_stays")
def test_a_study_its_trials_and_what_a_resumed_one_adds(tmp_path: Path) -> None:
    options: dict[str, Any] = {"maximize": "accuracy", "sampler": "random", "workers": 2, "name": "logged"}
    study = jt.tune(train, SPACE, trials=5, seed=3, log_to="tensorboard", **options)
    study.wait()
    place = files_folder(study.path) / "tensorboard"
    # the end of the wait is also that of the logger
    assert ("info", f"tensorboard: 5 trials of logged logged to {place}") in study.notices
    study = jt.tune(
        train, SPACE, trials=8, seed=3, log_to=["tensorboard", "tensorboard"], resume=True, **options
    )
    study.wait()
    assert {trial.state for trial in study.trials} == {"complete", "failed"}
    for trial in study.trials:
        found = read(study.path, f"trial-{trial.number}")
        expected = [(step, float(str(trial.params["lr"])) * step) for step in (1, 2, 3)]
        assert curve(found, "accuracy") == expected
        start = hparams.parse_session_start_info_plugin_data(
            plugin_data(found, hparams.SESSION_START_INFO_TAG)
        )
        assert start.hparams["lr"].number_value == trial.params["lr"]
        assert start.hparams["act"].string_value == trial.params["act"]
        end = hparams.parse_session_end_info_plugin_data(plugin_data(found, hparams.SESSION_END_INFO_TAG))
        if trial.state == "failed":
            assert end.status == api_pb2.STATUS_FAILURE
            assert "ValueError: too deep" in text(found, "trial")
        else:
            assert end.status == api_pb2.STATUS_SUCCESS
            assert curve(found, "result/accuracy") == [(3, trial.value)]
            is_best = trial.number == study.best_trial.number
            assert curve(found, "best")[-1][1] == is_best
        assert "| batch | 32 |" in text(found, "trial")
    whole = read(study.path)
    assert f"| best | logged, trial {study.best_trial.number} |" in text(whole, "study")
    assert curve(whole, "best accuracy")[-1] == (8, study.best_value)
    experiment = hparams.parse_experiment_plugin_data(plugin_data(whole, hparams.EXPERIMENT_TAG))
    assert {info.name: info.type for info in experiment.hparam_infos} == {
        "lr": api_pb2.DATA_TYPE_FLOAT64,
        "act": api_pb2.DATA_TYPE_STRING,
        "depth": api_pb2.DATA_TYPE_FLOAT64,
    }
    # one file each: the study's of both runs, and none that was written twice
    assert len(list(place.glob("trial-0/*"))) <= 2


def test_a_study_that_has_ended_is_logged_from_the_command_line(tmp_path: Path) -> None:
    path = study_of(tmp_path, studies.records(*studies.story(5), StudyEnded("done")), "later")
    done = CliRunner().invoke(cli, ["log", "later", "--to", "tensorboard", "--dir", str(tmp_path)])
    assert (done.exit_code, done.output) == (
        0,
        f"tensorboard: 5 trials of mnist logged to {files_folder(path)}/tensorboard\n",
    )
    assert len(curve(read(path, "trial-1"), "accuracy")) > 1
    missing = CliRunner().invoke(cli, ["log", "later", "--to", "tensorbord", "--dir", str(tmp_path)])
    assert "--to: there is no tracker 'tensorbord'; did you mean tensorboard?" in str(missing.exception)


def test_what_a_trial_repeats_takes_the_place_of_what_it_had(tmp_path: Path) -> None:
    """It was pruned at step 4, and goes on from a checkpoint of step 2."""
    reports = [TrialReported(0, 1, step, {"accuracy": step / 10}) for step in (1, 2, 3, 4)]
    again = [TrialReported(0, 2, step, {"accuracy": step / 5}) for step in (3, 4, 5)]
    records = studies.records(
        *studies.started(),
        *reports,
        TrialEnded(0, 1, "pruned", checkpoint=True),
        TrialResumed(0, 1),
        TrialStarted(0, 2),
        *again,
        TrialEnded(0, 2, "complete"),
        StudyEnded("done"),
    )
    # in two goes, as two drivers would have it: a file of its own for each
    first = study_of(tmp_path, records[:7], "first")
    log(first)
    path = study_of(tmp_path, records, "whole")
    files_folder(first).rename(files_folder(path))
    # the folder has moved, so that all is logged again; and twice
    log(path)
    (files_folder(path) / "loggers" / "tensorboard.json").unlink()
    log(path)
    found = read(path, "trial-0")
    expected = [(1, 0.1), (2, 0.2), (3, 0.6), (4, 0.8), (5, 1.0)]
    assert curve(found, "accuracy") == expected
    assert curve(found, "result/accuracy")[-1] == (5, 1.0)


@pytest.mark.parametrize("state", ["pruned", "cancelled"])
def test_a_trial_that_is_neither_good_nor_bad_says_how_it_ended(state: str, tmp_path: Path) -> None:
    records = studies.records(*studies.whole(0, state, reason="because"), StudyEnded("done"))
    path = study_of(tmp_path, records)
    log(path)
    found = read(path, "trial-0")
    end = hparams.parse_session_end_info_plugin_data(plugin_data(found, hparams.SESSION_END_INFO_TAG))
    assert end.status == api_pb2.STATUS_UNKNOWN
    assert f"| state | {state} |" in text(found, "trial")
    assert "| reason | because |" in text(found, "trial")


def test_choices_of_any_kind_and_values_of_any_size(tmp_path: Path) -> None:
    space = Space(
        mixed=Categorical(["auto", 3, None]),
        whole=Categorical([1, 2]),
        flag=Categorical([True, False]),
        x=Float(0.0, 1.0),
    )
    params: dict[str, Any] = {"mixed": 3, "whole": 2, "flag": False, "x": 0.5}
    metrics = {"huge": 1e300, "lost": math.nan, "endless": -math.inf, "a/b |c": 1.0}
    [opened] = studies.records()
    event: Any = opened.event
    first = type(opened)(1, 1000.0, type(event)("any", space, event.settings))
    rest: list[Any] = [TrialSuggested(0, params, "user"), TrialStarted(0, 1), TrialReported(0, 1, 1, metrics)]
    path = study_of(tmp_path, [first, *(type(opened)(n, 1000.0 + n, e) for n, e in enumerate(rest, 2))])
    log(path)
    found = read(path, "trial-0")
    start = hparams.parse_session_start_info_plugin_data(plugin_data(found, hparams.SESSION_START_INFO_TAG))
    assert start.hparams["mixed"].string_value == "3"
    assert start.hparams["whole"].number_value == 2
    assert start.hparams["flag"].WhichOneof("kind") == "bool_value"
    values = {tag: found.Scalars(tag)[0].value for tag in metrics}
    assert values["huge"] == pytest.approx(3.4e38, rel=0.01)
    assert math.isnan(values["lost"])
    assert values["endless"] == -math.inf
    assert values["a/b |c"] == 1.0
    assert "| state | interrupted |" in text(found, "trial")
