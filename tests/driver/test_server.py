"""The driver as a process of its own: what it answers, and what becomes of its family."""

from __future__ import annotations

import itertools
import math
import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import psutil
import pytest

import jupyter_tune as jt
from jupyter_tune.client.driver_process import DriverProcess
from jupyter_tune.core.study import Study
from jupyter_tune.driver.clients import Client
from jupyter_tune.driver.server import Driver
from jupyter_tune.errors import DriverError, JournalError, OptionError, PayloadError, SpaceError, TuneError
from jupyter_tune.journal import holder, read_records
from jupyter_tune.launch import warm
from jupyter_tune.wire.messages import encode
from jupyter_tune.wire.requests import Request, Warm
from tests.endless import a_study
from tests.processes import is_gone, wait_until

OPTIONS: dict[str, Any] = {"maximize": "score", "sampler": "random", "workers": 2}


pytestmark = pytest.mark.usefixtures("nothing_stays")


def quick(x: jt.Float(0.0, 1.0) = 0.5) -> float:  # type: ignore[valid-type]
    return float(x)


def test_a_killed_driver_is_said_and_leaves_nothing_but_the_file() -> None:
    study = a_study("killed")
    owner = holder(study.path)
    assert owner is not None
    family = psutil.Process(owner["pid"]).children(recursive=True)
    os.kill(owner["pid"], signal.SIGKILL)
    wait_until(lambda: study.state == "interrupted", "the handle to notice")
    wait_until(lambda: all(is_gone(p) for p in family), "supervisor and trials to end")
    study.wait(1)  # an interrupted study is over: the wait ends
    with pytest.raises(DriverError, match="--resume"):
        study.stop()
    assert Study.fold(read_records(study.path)).end_reason is None
    resumed = jt.tune(quick, name="killed", resume=True, trials=4, **OPTIONS)
    resumed.wait()
    assert [t.state for t in resumed.trials] == ["complete"] * 4
    assert [t.attempt for t in resumed.trials] == [2, 2, 1, 1]


def test_a_killed_supervisor_loses_attempts_and_not_the_study() -> None:
    study = a_study("orphaned")
    owner = holder(study.path)
    assert owner is not None
    supervisor = psutil.Process(owner["pid"]).children()[0]
    trials = supervisor.children(recursive=True)
    supervisor.kill()
    wait_until(lambda: all(t.attempt == 2 and t.curve for t in study.trials), "second attempts to report")
    assert all(is_gone(p) for p in trials)
    study.stop()
    study.wait()


def hides(x: float) -> None:
    """Leaves a process in a session of its own, which has one itself, and reports both."""
    ours, theirs = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.setsid()
            child = os.fork()
            if child:
                os.write(theirs, f"{os.getpid()} {child}".encode())
            time.sleep(600)
        os._exit(0)
    os.wait()
    hidden, child = map(int, os.read(ours, 40).split())
    for step in itertools.count(1):
        time.sleep(0.02)
        jt.report(score=x, hidden=hidden, child=child, step=step)


def test_what_hid_from_a_killed_supervisor_is_found_by_the_driver() -> None:
    study = a_study("hidden", trial=hides)
    hidden = [psutil.Process(int(t.metrics[name])) for t in study.trials for name in ("hidden", "child")]
    assert len({os.getsid(process.pid) for process in hidden}) == 2
    owner = holder(study.path)
    assert owner is not None
    driver = psutil.Process(owner["pid"])
    [supervisor] = driver.children()
    supervisor.kill()
    wait_until(lambda: all(is_gone(process) for process in hidden), "what hid to end")
    # the new supervisor and its trials are spared, and nothing is left as a zombie
    wait_until(lambda: all(t.attempt == 2 and t.curve for t in study.trials), "second attempts to report")
    wait_until(lambda: len(driver.children()) == 1, "the new supervisor to be alone")
    assert driver.children() != [supervisor]
    study.stop()
    study.wait()


class Dance(Request):
    """One that no driver knows."""


def test_errors_of_the_driver_keep_their_class_and_text() -> None:
    study = a_study("errors")
    with pytest.raises(SpaceError, match="outside"):
        study.narrow(x=(0.5, 7.0))
    with pytest.raises(SpaceError, match="no such parameter"):
        study.enqueue(y=1.0)
    with pytest.raises(DriverError, match="there is no trial 99"):
        study.log(99)
    with pytest.raises(DriverError, match="no such request 'dance'"):
        study.ask(Dance())
    study.stop()
    study.wait()
    with pytest.raises(DriverError, match="has ended"):
        study.pause()


def test_a_second_client_sees_the_same_study() -> None:
    study = a_study("shared")
    other = jt.load_study("shared")
    assert other.state == "running"
    assert [t.params for t in other.trials][:2] == [t.params for t in study.trials][:2]
    other.stop()
    study.wait()
    wait_until(lambda: other.state == "ended", "the second client to hear of the end")
    other.close()


def test_an_enqueued_trial_is_run_next() -> None:
    study = jt.tune(quick, name="enqueued", **OPTIONS)
    study.enqueue(x=0.125)
    wait_until(lambda: any(t.source == "user" for t in study.trials), "the enqueued trial")
    assert next(t.params for t in study.trials if t.source == "user") == {"x": 0.125}
    study.stop()
    study.wait()


def test_a_forecast_has_what_more_trials_may_gain_also_after_the_end() -> None:
    study = jt.tune(quick, name="ahead", trials=8, **OPTIONS)
    study.wait()
    found = study.forecast([20, 2])
    assert [gain.trials for gain in found.gains] == [2, 20]
    assert all(0 <= gain.low <= gain.high for gain in found.gains)
    assert (found.left, found.ends_by) == (None, "")
    assert not any(type(record.event).__name__ == "GainEstimated" for record in read_records(study.path))
    with pytest.raises(OptionError, match="trials: must be 200 or less, got 201"):
        study.forecast(201)


def test_a_landscape_holds_the_other_values_and_has_no_plane_if_only_one_parameter_varies() -> None:
    space = {name: jt.Float(0.0, 1.0) for name in "xyz"}
    study = jt.tune(lambda x, y, z: x + y * z, space, name="seen", trials=4, **OPTIONS)
    study.wait()
    seen = study.landscape("x", "y", at={"z": 0.25})
    assert (seen["x"], seen["y"], seen["at"]) == ("x", "y", {"z": 0.25})
    assert study.landscape("y")["x"] == "y"
    with pytest.raises(TuneError, match="w: no parameter of that name varies; there are x, y, z"):
        study.landscape("w")
    one = jt.tune(lambda x, n: x * n, {"x": jt.Float(0.0, 1.0), "n": 3}, name="one", trials=4, **OPTIONS)
    one.wait()
    seen = one.landscape()
    assert (seen["x"], seen["y"], seen["mean"], len(seen["slice_x"]["mean"])) == ("x", None, [], 40)
    with pytest.raises(TuneError, match="a plane needs two different parameters"):
        one.axes()


def test_the_model_is_of_the_metric_that_is_asked_for() -> None:
    def both(x: float, y: float) -> dict[str, float]:
        return {"gain": x, "cost": 10 + y}

    space = {name: jt.Float(0.0, 1.0) for name in "xy"}
    given: dict[str, Any] = {"sampler": "sobol", "workers": 2}
    study = jt.tune(both, space, maximize="gain", minimize="cost", name="both", trials=12, **given)
    study.wait()
    by_metric = {name: study.landscape(target=name) for name in ("gain", "cost")}
    matters = {name: seen["importances"]["names"][0] for name, seen in by_metric.items()}
    assert matters == {"gain": "x", "cost": "y"}
    assert study.landscape()["trials"] == by_metric["gain"]["trials"]
    best = (
        max(study.trials, key=lambda trial: trial.value or 0.0),
        min(study.trials, key=lambda t: t.further[0]),
    )
    assert [seen["best"] for seen in by_metric.values()] == [trial.params for trial in best]
    assert min(by_metric["cost"]["trials"]["value"]) == best[1].further[0]
    assert study.plot_param_importances("cost").layout.title.text == (
        "both: importance of the parameters for cost"
    )
    assert study.plot_acquisition(target="cost").layout.title.text == "both: expected improvement of cost"
    assert study.forecast(5).metric == "gain"
    ahead = study.forecast(5, target="cost")
    assert ahead.metric == "cost"
    assert ahead.gains[0].high >= 0
    for ask in (study.plot_param_importances, lambda target: study.forecast(target=target)):
        with pytest.raises(OptionError, match="the study is not after 'time'; there are gain, cost"):
            ask(target="time")


def test_a_study_in_the_way_and_a_search_that_differs_are_refused() -> None:
    jt.tune(quick, name="taken", trials=2, **OPTIONS).wait()
    with pytest.raises(JournalError, match="exists already"):
        jt.tune(quick, name="taken", trials=2, **OPTIONS)
    with pytest.raises(OptionError, match="holds another search"):
        jt.tune(quick, {"x": jt.Float(0.0, 2.0)}, name="taken", resume=True, trials=4, **OPTIONS)
    with pytest.raises(JournalError, match="there is no study 'none'"):
        jt.tune(quick, name="none", resume=True, **OPTIONS)


def test_an_ended_study_goes_on_with_a_larger_budget_while_its_first_driver_lingers() -> None:
    first = jt.tune(quick, name="more", trials=3, **OPTIONS)
    first.wait()
    second = jt.tune(quick, name="more", trials=5, resume=True, **OPTIONS)
    second.wait()
    assert len(second.trials) == 5
    assert second.reason == "all trials done"


def test_results_of_an_earlier_study_warm_a_new_one(capsys: pytest.CaptureFixture[str]) -> None:
    first = jt.tune(quick, name="first", trials=5, **OPTIONS)
    first.wait()
    low = sum(float(trial.params["x"] or 0) <= 0.6 for trial in first.trials)
    space = {"x": jt.Float(0.0, 0.6)}
    second = jt.tune(quick, space, name="second", trials=2, warm_start=["first"], **OPTIONS)
    second.wait()
    assert 0 < sum(t.source == "added" for t in second.trials) == low < 5
    assert len(second.trials) == low + 2
    assert f"--warm-start: {low} of 5 complete trials of first are used" in capsys.readouterr().out


def test_a_log_without_room_takes_nothing_from_a_study(monkeypatch: pytest.MonkeyPatch) -> None:
    start = subprocess.Popen
    drivers: list[subprocess.Popen[bytes]] = []

    def start_without_room(*args: Any, **options: Any) -> subprocess.Popen[bytes]:
        with open("/dev/full", "wb") as full:
            drivers.append(start(*args, **{**options, "stdout": full, "stderr": full}))
        return drivers[-1]

    monkeypatch.setattr(subprocess, "Popen", start_without_room)
    study = jt.tune(quick, name="full", trials=100, **{**OPTIONS, "sampler": "grid"}, timeout=3600)
    wait_until(lambda: bool(study.notices), "what is said of the grid")
    study.stop()
    study.wait()
    assert study.state == "ended"
    study.close()
    assert [driver.wait() for driver in drivers] == [0]


def test_a_grid_is_run_once_and_said() -> None:
    study = jt.tune(
        lambda a, n: a * n,
        {"a": jt.Int(1, 3), "n": jt.Categorical([1, 2])},
        name="grid",
        trials=100,
        **{**OPTIONS, "sampler": "grid"},
    )
    study.wait()
    assert sorted((t.params["a"], t.params["n"]) for t in study.trials) == [
        (a, n) for a in (1, 2, 3) for n in (1, 2)
    ]
    assert any("6 points" in text for _, text in study.notices)


def test_what_cannot_travel_leaves_no_file_and_no_process(tmp_path: Path) -> None:
    lock = threading.Lock()

    def uses_a_lock(x: float) -> float:
        with lock:
            return x

    with pytest.raises(PayloadError, match="lock"):
        jt.tune(uses_a_lock, {"x": jt.Float(0.0, 1.0)}, name="never", **OPTIONS)
    assert not (tmp_path / "never.tune.db").exists()


class Session:
    """Travels, and cannot be made again."""

    key: float

    def __setstate__(self, state: object) -> None:
        raise OSError("no database here")


def test_what_no_trial_could_load_leaves_no_file_and_the_driver_warm(tmp_path: Path) -> None:
    session = Session()
    session.key = 1.0

    def uses_a_session(x: float) -> float:
        return x * session.key

    warm.warm_up()
    with pytest.raises(PayloadError, match=r"uses_a_session \(function\): .* \(OSError: no database here\)"):
        jt.tune(uses_a_session, {"x": jt.Float(0.0, 1.0)}, name="never", **OPTIONS)
    assert not list(tmp_path.glob("never*"))
    assert warm.has_driver()
    study = jt.tune(quick, name="next", trials=1, **OPTIONS)
    study.wait()
    assert [t.state for t in study.trials] == ["complete"]


def test_a_warm_driver_is_taken_by_the_next_study() -> None:
    warm.warm_up()
    assert warm.has_driver()
    study = jt.tune(quick, name="warm", trials=2, **OPTIONS)
    assert not warm.has_driver()
    study.wait()
    assert study.state == "ended"


def test_the_driver_of_a_detached_study_ends_with_its_last_follower() -> None:
    study = a_study("detached", detach=True)
    owner = holder(study.path)
    assert owner is not None
    other = jt.load_study("detached")
    study.close()
    other.stop()
    other.wait()
    assert not is_gone(owner["pid"])
    other.close()
    wait_until(lambda: is_gone(owner["pid"]), "the driver to end")


def test_a_driver_ends_with_its_owner() -> None:
    driver = DriverProcess()
    driver.connection.request(Warm([], "random"))
    driver.end()
    assert not driver.is_alive
    assert not driver.folder.exists()


async def test_an_answer_that_cannot_be_sent_is_an_error_and_not_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def overflow(*_: object) -> float:
        return math.inf

    monkeypatch.setattr(Driver, "_result_of", overflow)
    sent: list[bytes] = []
    client = SimpleNamespace(send=lambda message: sent.append(encode(message)))
    await Driver(tmp_path)._answer(cast(Client, client), {"id": 7, "type": "stop"})
    assert len(sent) == 1
    assert sent[0].startswith(b'{"type":"refusal","id":7,"error":')
