"""MLflow, Weights & Biases and trackio themselves: what their own readers find of a study.

Not part of `make test`: `make test-integrations` runs it, in an environment that has these libraries.
"""

from __future__ import annotations

import json
import math
import struct
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

import jupyter_tune as jt
from jupyter_tune.core.events import (
    DriverStarted,
    NoteWritten,
    Record,
    StudyEnded,
    StudyTagged,
    TrialEnded,
    TrialReported,
    TrialStarted,
)
from jupyter_tune.integrations.loggers.follower import Follower
from jupyter_tune.journal import files_folder
from jupyter_tune.registry import load_tracker
from jupyter_tune.trials.artifacts import save
from jupyter_tune.trials.files import trial_folder
from tests.integrations.loggers.books import study_of
from tests.views import studies

STATES = {0: "complete", 1: "pruned", 2: "failed", 3: "cancelled", 4: "complete"}
VALUES = {0: 0.5, 4: 0.75}


def history() -> list[Record]:
    """A study of five trials, one of which the driver's end has interrupted; trial 4 is the best."""
    events: list[Any] = [StudyTagged({"data": "cifar10"})]
    for number, state in STATES.items():
        events += studies.started(number)
        for step in (1, 2, 3):
            metrics = {
                "accuracy": number / 10 + step / 100,
                "loss (%)": math.nan if step == 1 else 1.0 / step,
            }
            events.append(TrialReported(number, 1, step, metrics, {"batch": 32} if step == 1 else {}))
        if number == 4:
            # of another driver
            events += [DriverStarted("another"), TrialStarted(4, 2)]
            events += [TrialReported(4, 2, step, {"accuracy": step / 4}) for step in (1, 2, 3)]
        reason = "ValueError: too deep" if state == "failed" else ""
        error = "Traceback …\nValueError: too deep" if state == "failed" else ""
        attempt = 2 if number == 4 else 1
        events.append(TrialEnded(number, attempt, state, VALUES.get(number), {}, reason, error))
    events += [NoteWritten("look again", 0), StudyEnded("done")]
    return studies.records(*events)


def log(tracker: str, path: Path) -> list[str]:
    notices: list[str] = []
    follower = Follower(
        path,
        tracker,
        load_tracker(tracker),
        since=None,
        notice=lambda text, level: notices.append(text),
        is_over=lambda wait_s: True,
        tries=1,
    )
    follower.run()
    return notices


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Half of the history was logged by another process, as it seems: so it is logged in two goes, and the
    second one again from the start."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "tests")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_PROJECT", "tests")
    monkeypatch.setenv("WANDB_DIR", str(tmp_path))
    monkeypatch.setenv("TRACKIO_PROJECT", "tests")
    path = study_of(tmp_path, history())
    (tmp_path / "model.pt").write_text("weights")
    save(trial_folder(str(files_folder(path)), 0), 1, tmp_path / "model.pt")
    return path


def log_in_two_goes(tracker: str, path: Path, tmp_path: Path) -> None:
    first = study_of(tmp_path / "first", history()[:15])
    files_folder(path).rename(files_folder(first))
    log(tracker, first)
    files_folder(first).rename(files_folder(path))
    assert log(tracker, path)[-1].startswith(f"{tracker}: 5 trials of mnist logged to ")


@pytest.fixture(autouse=True)
def trackio_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # it reads its folder from the environment when it is imported
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))
    (tmp_path / "first").mkdir()
    import trackio.sqlite_storage
    import trackio.utils

    for module in (trackio.sqlite_storage, trackio.utils):
        monkeypatch.setattr(module, "TRACKIO_DIR", tmp_path / "trackio", raising=False)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_mlflow(study: Path, tmp_path: Path) -> None:
    from mlflow.tracking import MlflowClient

    log_in_two_goes("mlflow", study, tmp_path)
    # a crash before the position was written: all is given again
    (files_folder(study) / "loggers" / "mlflow.json").unlink()
    log("mlflow", study)
    client = MlflowClient()
    experiment = client.get_experiment_by_name("tests")
    runs = client.search_runs([experiment.experiment_id])
    [parent] = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    assert (parent.info.run_name, parent.info.status) == ("mnist", "FINISHED")
    assert parent.data.tags["data"] == "cifar10"
    assert parent.data.tags["best trial"] == "4"
    assert parent.data.params["metric"] == "accuracy"
    assert parent.data.metrics["best accuracy"] == 0.75
    trials = {run.info.run_name: run for run in runs if run is not parent}
    assert {run.data.tags["mlflow.parentRunId"] for run in trials.values()} == {parent.info.run_id}
    assert {name: (run.info.status, run.data.tags["state"]) for name, run in trials.items()} == {
        "mnist, trial 0": ("FINISHED", "complete"),
        "mnist, trial 1": ("KILLED", "pruned"),
        "mnist, trial 2": ("FAILED", "failed"),
        "mnist, trial 3": ("KILLED", "cancelled"),
        "mnist, trial 4": ("FAILED", "lost"),
        "mnist, trial 4, attempt 2": ("FINISHED", "complete"),
    }
    assert [name for name, run in trials.items() if run.data.tags.get("best") == "true"] == [
        "mnist, trial 4, attempt 2"
    ]
    first, failed = trials["mnist, trial 0"], trials["mnist, trial 2"]
    assert first.data.params.keys() == {"lr", "width", "act", "seed"}
    assert first.data.tags["batch"] == "32"
    assert first.data.tags["mlflow.note.content"] == "look again"
    curve = client.get_metric_history(first.info.run_id, "accuracy")
    assert [(each.step, each.value) for each in curve] == [(1, 0.01), (2, 0.02), (3, 0.03)]
    assert len(client.get_metric_history(first.info.run_id, "loss ___")) == 3
    assert first.data.metrics["result/accuracy"] == 0.5
    # at the times of the study, also when it is logged later
    assert 1_000_000 < first.info.start_time < first.info.end_time < 1_100_000
    assert "ValueError: too deep" in failed.data.tags["error"]
    [kept] = client.list_artifacts(first.info.run_id)
    assert kept.path == "model.pt"


def records_of(folder: Path) -> Iterator[Any]:
    """The records in wandb's files of offline runs."""
    from wandb.proto.wandb_internal_pb2 import Record as WandbRecord

    for file in sorted(folder.glob("wandb/offline-run-*/run-*.wandb")):
        for data in entries_of(file.read_bytes()):
            record = WandbRecord()
            record.ParseFromString(data)
            yield record


def entries_of(data: bytes) -> Iterator[bytes]:
    """The entries of a log as LevelDB writes it, which wandb's files are after a head of seven bytes: blocks
    of 32 kB with parts of entries, each with checksum, length, and kind (whole 1, first 2, middle 3, last 4).
    """
    place, entry = 7, b""
    while place + 7 <= len(data):
        if (left := 32768 - place % 32768) < 7:
            place += left
            continue
        size, kind = struct.unpack_from("<HB", data, place + 4)
        entry = (b"" if kind in (1, 2) else entry) + data[place + 7 : place + 7 + size]
        if kind in (1, 4):
            yield entry
        place += 7 + size


@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::pydantic.warnings.PydanticDeprecatedSince20"
)
def test_wandb(study: Path, tmp_path: Path) -> None:
    log_in_two_goes("wandb", study, tmp_path)
    configs: dict[str, dict[str, Any]] = {}
    summaries: dict[str, dict[str, Any]] = defaultdict(dict)
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    codes: dict[str, int] = {}
    tags: dict[str, list[str]] = {}
    kept: dict[str, list[str]] = defaultdict(list)
    name = ""
    for record in records_of(tmp_path):
        match record.WhichOneof("record_type"):
            case "run":
                assert record.run.project == "tests"
                assert record.run.run_group == "mnist"
                name = record.run.display_name
                tags[name] = list(record.run.tags)
                found = {each.key: json.loads(each.value_json) for each in record.run.config.update}
                configs.setdefault(name, found)
            case "history":
                items = record.history.item
                rows[name].append(
                    {"".join(each.nested_key) or each.key: json.loads(each.value_json) for each in items}
                )
            case "summary":
                for each in record.summary.update:
                    key = "/".join(each.nested_key) or each.key
                    summaries[name][key] = json.loads(each.value_json)
            case "exit":
                codes[name] = record.exit.exit_code
            case "artifact":
                kept[name] += [entry.path for entry in record.artifact.manifest.contents]
    trials = [f"mnist, trial {n}" for n in range(5)] + ["mnist, trial 4, attempt 2"]
    assert configs.keys() == {"mnist", *trials}
    assert configs["mnist, trial 0"].keys() >= {"lr", "width", "act", "seed", "trial"}
    assert {name: summaries[name]["state"] for name in trials} == {
        **{f"mnist, trial {number}": state for number, state in STATES.items()},
        "mnist, trial 4": "lost",
        "mnist, trial 4, attempt 2": "complete",
    }
    assert {name for name in codes if codes[name]} == {"mnist, trial 2", "mnist, trial 4"}
    curve = [(row["step"], row["accuracy"]) for row in rows["mnist, trial 0"] if "accuracy" in row]
    assert curve == [(1, 0.01), (2, 0.02), (3, 0.03)]
    assert summaries["mnist, trial 0"]["result/accuracy"] == 0.5
    assert summaries["mnist"]["best trial"] == "4"
    assert [name for name, words in tags.items() if "best" in words] == ["mnist, trial 4, attempt 2"]
    assert kept["mnist, trial 0"] == ["model.pt"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_trackio(study: Path, tmp_path: Path) -> None:
    import trackio
    from trackio.sqlite_storage import SQLiteStorage

    log_in_two_goes("trackio", study, tmp_path)
    (files_folder(study) / "loggers" / "trackio.json").unlink()
    log("trackio", study)
    runs = {run.name: run for run in trackio.Api().runs("tests")}
    [whole] = [name for name in runs if "trial" not in name]
    assert whole.startswith("mnist ")
    names = [f"{whole}, trial {n}" for n in range(5)] + [f"{whole}, trial 4, attempt 2"]
    assert runs.keys() == {whole, *names}
    for number, state in {**STATES, 4: "lost"}.items():
        name = f"{whole}, trial {number}"
        rows = SQLiteStorage.get_logs("tests", name)
        curve = [(row["step"], row["accuracy"]) for row in rows if "accuracy" in row]
        expected = [(step, number / 10 + step / 100) for step in (1, 2, 3)]
        assert curve == expected
        assert next(row["state"] for row in rows if "state" in row) == state
        config = runs[name].config
        assert config is not None
        assert config["_Group"] == "mnist"
        assert config.keys() >= {"lr", "width", "act", "seed", "trial"}
    best = SQLiteStorage.get_logs("tests", names[-1])
    assert [row["best"] for row in best if "best" in row][-1] == 1
    assert [row["best accuracy"] for row in SQLiteStorage.get_logs("tests", whole) if "best accuracy" in row][
        -1
    ] == 0.75


def train(x: float) -> None:
    for step in (1, 2, 3):
        jt.report(score=x * step, step=step)
        time.sleep(0.05)


@pytest.mark.usefixtures("study", "no_process_is_left", "nothing_stays")
def test_a_study_is_logged_to_all_of_them_at_once() -> None:
    trackers = ["mlflow", "wandb", "trackio"]
    space = {"x": jt.Float(0.0, 1.0)}
    began = time.monotonic()
    study = jt.tune(train, space, maximize="score", sampler="random", trials=6, name="all", log_to=trackers)
    study.wait()
    assert len(study.trials) == 6
    said = [text for _, text in study.notices]
    assert {text.partition(":")[0] for text in said if "6 trials of all logged to" in text} == {*trackers}, (
        said
    )
    assert time.monotonic() - began < 120
    assert not [p for p in psutil.process_iter() if "wandb-core" in p.name() and p.ppid() == 1]
