"""What a callback reports and saves, whatever its library."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_tune.errors import OptionError
from jupyter_tune.integrations.callbacks.boosting import Rounds, measured_on_validation
from jupyter_tune.integrations.callbacks.progress import Progress
from jupyter_tune.trials.channel import Channel
from jupyter_tune.trials.report import RunningTrial, set_running, trial
from jupyter_tune.wire.frames import Link


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Link]:
    """The study's end of the channel of a trial that this process runs."""
    ours, theirs = socket.socketpair()
    channel = Channel(theirs.detach())
    set_running(RunningTrial(7, {}, 1, tmp_path, channel))
    yield Link(ours)
    set_running(None)
    os.close(channel.fileno())
    ours.close()


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[None]:
    set_running(RunningTrial(folder=tmp_path))
    yield
    set_running(None)


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.strip()


@pytest.mark.usefixtures("outside")
def test_all_metrics_are_reported_by_default_but_what_report_itself_is_given(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert Progress().report(3, {"val/loss": 0.5, "step": 9, "fold": 1, "matrix": [1, 2], "best": "yes"})
    assert printed(capsys) == "step 3: val/loss=0.5"
    Progress().report(4, {"a": 1, "b": 2, "c": 3}, by_default=["c", "a"])
    assert printed(capsys) == "step 4: c=3, a=1"


@pytest.mark.usefixtures("outside")
@pytest.mark.parametrize(
    ("metrics", "reported"),
    [
        ("b", "b=2"),
        (["b", "a"], "b=2, a=1"),
        (("a",), "a=1"),
        ({"loss": "a", "my_step": "step"}, "loss=1, my_step=9"),
    ],
)
def test_chosen_metrics_are_reported_under_their_names(
    metrics: object, reported: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Progress(metrics).report(1, {"a": 1, "b": 2, "step": 9}, by_default=[])  # type: ignore[arg-type]
    assert printed(capsys) == f"step 1: {reported}"


@pytest.mark.usefixtures("outside")
@pytest.mark.parametrize(
    ("metrics", "measured", "message"),
    [
        (
            "val_acuracy",
            {"val_accuracy": 1, "z": 2},
            "not measured 'val_acuracy', but val_accuracy, z; did you mean val_accuracy?",
        ),
        ("other", {"val_accuracy": 1}, "not measured 'other', but val_accuracy; name one of these"),
        ({"x": "y"}, {}, "not measured 'y', but none at all"),
        (None, {}, "has measured none that can be reported; give it data to validate on"),
        (None, {"step": 1}, "has measured none that can be reported; name one of step"),
    ],
)
def test_what_was_not_measured_is_named_with_what_was(
    metrics: object, measured: dict[str, float], message: str
) -> None:
    with pytest.raises(OptionError, match=re.escape(message)):
        Progress(metrics).report(1, measured)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"metrics": []}, "metrics: is empty"),
        ({"metrics": [3]}, "metrics: must be names of metrics, got 3"),
        ({"metrics": {"a": None}}, "metrics: must be names of metrics, got None"),
        ({"metrics": "step"}, "rename it: metrics={'my_step': 'step'}"),
        ({"checkpoint_every": 0}, "checkpoint_every: must be a number of epochs or rounds from 1, got 0"),
        (
            {"checkpoint_every": True},
            "checkpoint_every: must be a number of epochs or rounds from 1, got True",
        ),
        ({"checkpoint_every": 1.5}, "checkpoint_every: must be a number of epochs or rounds from 1, got 1.5"),
    ],
)
def test_arguments_that_cannot_be_meant_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=re.escape(message)):
        Progress(**arguments)  # type: ignore[arg-type]


def test_a_halt_stops_the_training_and_is_no_exception_there(study: Link) -> None:
    progress = Progress()
    study.send({"type": "acknowledged"})
    assert progress.report(1, {"loss": 1.0})
    study.send({"type": "halt", "state": "pruned", "reason": "worse"})
    assert not progress.report(2, {"loss": 1.0})
    assert progress.stopped
    assert not progress.report(3, {"loss": 1.0}), "also after it"


@pytest.mark.parametrize(("step_s", "waits"), [(0.5, 100), (0.04, 11), (0.001, 1)])
def test_a_training_waits_for_verdicts_for_a_small_part_of_its_time(
    step_s: float, waits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    waited = []
    of_progress = "jupyter_tune.integrations.callbacks.progress"

    def report(**_: object) -> None:
        nonlocal now
        now += 0.002
        waited.append(True)

    monkeypatch.setattr(f"{of_progress}.monotonic", lambda: now)
    monkeypatch.setattr(f"{of_progress}.report", report)
    monkeypatch.setattr(f"{of_progress}.post", lambda *_: waited.append(False))
    progress = Progress()
    for step in range(100):
        now += step_s
        progress.report(step, {"loss": 1.0})
    assert waited[0], "whether its first step was enough"
    assert (len(waited), sum(waited)) == (100, waits)


def test_a_step_that_does_not_wait_is_sent_and_a_later_one_gets_the_verdict(
    study: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_tune.trials.channel.ACKNOWLEDGE_S", 600)
    monkeypatch.setattr("jupyter_tune.integrations.callbacks.progress.WAITING", -1)
    progress = Progress()
    assert progress.report(1, {"loss": 1.0})
    assert progress.report(2, {"loss": 2.0})
    assert [(message["step"], message["metrics"]) for message in study.receive()] == [
        (1, {"loss": 1.0}),
        (2, {"loss": 2.0}),
    ]
    study.send({"type": "acknowledged"})
    study.send({"type": "halt", "state": "pruned", "reason": "worse"})
    assert not progress.report(3, {"loss": 3.0})
    assert study.receive() == [], "nothing after a halt"


def test_a_state_is_saved_whole_or_not_at_all(study: Link) -> None:
    progress = Progress(checkpoint_every=2)
    assert [progress.saves_at(step) for step in (1, 2, 3, 4)] == [False, True, False, True]
    assert progress.saved(".txt") is None

    def half(path: str) -> None:
        Path(path).write_text("half")
        raise OSError("no room")

    progress.save(".txt", lambda path: Path(path).write_text("whole"))
    with pytest.raises(OSError, match="no room"):
        progress.save(".txt", half)
    saved = progress.saved(".txt")
    assert saved is not None
    assert Path(saved).read_text() == "whole"
    assert Path(saved).parent == trial.checkpoint_dir
    assert not Progress().saves_at(2), "none by default"


@pytest.mark.usefixtures("outside")
def test_outside_a_study_no_state_is_saved_which_the_next_run_would_go_on_with() -> None:
    progress = Progress(checkpoint_every=1)
    assert not progress.saves_at(1)
    progress.save(".txt", lambda path: Path(path).write_text("left"))
    assert progress.saved(".txt") is None


def test_rounds_are_counted_over_the_attempts(study: Link) -> None:
    rounds = Rounds(".model", None, 1)
    assert (rounds.left(10), rounds.checkpoint) == (10, None)
    rounds.save_round(4, lambda path: Path(path).write_text("model"))
    again = Rounds(".model", None, 1)
    assert again.left(10) == 6
    assert Path(str(again.checkpoint)).read_text() == "model"
    assert again.left(4) == 1, "a training without a round has no metric"


def test_training_data_are_left_out_unless_there_are_no_others() -> None:
    found = {("train", "train-auc"): 0.9, ("valid", "valid-auc"): 0.8}
    assert measured_on_validation(found) == ({"train-auc": 0.9, "valid-auc": 0.8}, ["valid-auc"])
    assert measured_on_validation({("training", "l2"): 0.9}) == ({"l2": 0.9}, ["l2"])
    assert measured_on_validation({}) == ({}, [])
