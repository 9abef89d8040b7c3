"""Libraries of trackers that hang, crash or cannot be imported: what each costs, and what is left.

A folder on the logger's path has a package `mlflow` that does it.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

import jupyter_tune as jt
from jupyter_tune.driver import loggers
from jupyter_tune.errors import OptionError
from jupyter_tune.integrations.loggers.process import FINISH_VARIABLE
from jupyter_tune.journal import holder
from tests.endless import a_study
from tests.processes import is_gone, wait_until

pytestmark = pytest.mark.usefixtures("nothing_stays")

HANGS = "import os, subprocess, time\nsubprocess.Popen(['sleep', '600'], start_new_session=True)\n"
"""With a process of its own that has left its session."""

Library = Callable[[str], None]


@pytest.fixture
def mlflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """Writes the code of a package `mlflow` that the launching process and loggers find."""

    def write(code: str) -> None:
        package = tmp_path / "libraries" / "mlflow"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(code)

    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}/libraries:{os.environ.get('PYTHONPATH', '')}")
    monkeypatch.syspath_prepend(tmp_path / "libraries")
    return write


def quick(x: float) -> float:
    return x


def tuned(name: str, **options: Any) -> Any:
    space = {"x": jt.Float(0.0, 1.0)}
    given = {"maximize": "score", "sampler": "random", "trials": 3, "workers": 2, "log_to": "mlflow"}
    return jt.tune(quick, space, name=name, **{**given, **options})


def test_a_missing_library_is_an_error_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_tune.launch.trackers.find_spec", lambda library: None)
    with pytest.raises(OptionError, match=r"log_to: mlflow needs the library mlflow, .*pip install mlflow"):
        tuned("missing")
    assert not (tmp_path / "missing.tune.db").exists()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise ImportError('libssl is gone')", "libssl is gone; the library mlflow cannot be used here"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "its logger has died; jupyter tune log"),
    ],
)
def test_a_library_that_breaks_costs_a_notice(code: str, said: str, mlflow: Library) -> None:
    mlflow(code)
    study = tuned("broken")
    study.wait()
    assert [trial.state for trial in study.trials] == ["complete"] * 3
    [(level, text)] = study.notices
    assert level == "error"
    assert text.startswith("mlflow: ")
    assert said in text


def family_of_logger(study: Any) -> list[psutil.Process]:
    """The keeper, the logger and the process that it has started."""
    owner = holder(study.path)
    assert owner is not None

    def found() -> list[psutil.Process]:
        keepers = [
            p for p in psutil.Process(owner["pid"]).children() if "loggers.process" in str(p.cmdline())
        ]
        return [one for keeper in keepers for one in (keeper, *keeper.children(recursive=True))]

    wait_until(lambda: any(p.name() == "sleep" for p in found()), "the library to hang")
    return found()


def test_a_killed_driver_ends_a_logger_that_hangs_with_all_it_has_started(
    mlflow: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FINISH_VARIABLE, "1")
    mlflow(HANGS + "time.sleep(600)")
    study = a_study("hangs", log_to="mlflow")
    family = family_of_logger(study)
    assert len(family) == 3
    owner = holder(study.path)
    assert owner is not None
    os.kill(owner["pid"], signal.SIGKILL)
    wait_until(lambda: all(is_gone(process) for process in family), "the logger to end")


def test_a_killed_supervisor_takes_no_logger_with_it(mlflow: Library) -> None:
    mlflow(HANGS + "time.sleep(600)")
    study = a_study("spared", log_to="mlflow")
    family = family_of_logger(study)
    owner = holder(study.path)
    assert owner is not None
    [supervisor] = [p for p in psutil.Process(owner["pid"]).children() if p not in family]
    supervisor.kill()
    wait_until(lambda: all(t.attempt == 2 and t.curve for t in study.trials), "second attempts to report")
    assert not any(is_gone(process) for process in family)
    # as the driver sends it, a minute after the study's end
    family[0].send_signal(signal.SIGTERM)
    wait_until(lambda: all(is_gone(process) for process in family), "the logger to end")
    study.stop()
    study.wait()


async def test_a_logger_that_hangs_is_named_and_killed_after_the_end(
    mlflow: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    mlflow(HANGS + "time.sleep(600)")
    for name, seconds in (("SILENT_S", 0.3), ("LOOK_S", 0.1), ("FINISH_S", 0.5)):
        monkeypatch.setattr(loggers, name, seconds)
    notices: list[str] = []
    at_work: list[list[str]] = []
    driver = loggers.Loggers(lambda text, level: notices.append(text), at_work.append)
    driver.start(tmp_path / "s.tune.db", {"trackers": ["mlflow"], "cwd": str(tmp_path), "env": {}}, 1)
    [pid] = driver.pids
    keeper = psutil.Process(pid)

    async def until(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)

    await until(lambda: bool(notices))
    await until(lambda: any(p.name() == "sleep" for p in keeper.children(recursive=True)))
    family = [keeper, *keeper.children(recursive=True)]
    driver.study_ended()
    await until(lambda: len(notices) == 2)
    assert "mlflow: has not answered" in notices[0]
    assert "was not done" in notices[1]
    assert "jupyter tune log s --to mlflow logs what is missing" in notices[1]
    assert at_work == [["mlflow"], []]
    await until(lambda: all(map(is_gone, family)))
    driver.close()
    await until(lambda: not driver.pids)
