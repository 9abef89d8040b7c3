"""A study whose kernel ends: what must not be left behind, and what goes on."""

from __future__ import annotations

import psutil
import pytest

from tests.notebook.toy import ENDLESS, load, recorded, study_path, toy
from tests.processes import is_gone, tune_processes, wait_until
from tests.real_kernel import LOAD, Kernel


def family_of(kernel: Kernel) -> list[psutil.Process]:
    """The processes of its study."""
    family = [process for process in tune_processes(kernel.folder) if process.pid != kernel.pid]
    assert len(family) >= 3, "driver, supervisor and a trial were to be seen"
    return family


def test_a_restart_leaves_no_process_and_a_resume_goes_on(kernel: Kernel) -> None:
    load(kernel)
    # the restart comes upon trials that have reported and that nothing but it ends
    kernel.run(toy(trials=30, pause=0.3, steps=ENDLESS, more="--pruner none"))
    kernel.wait_for("sum(bool(t.curve) for t in study.trials) == 2")
    family = family_of(kernel)
    kernel.restart()
    wait_until(lambda: all(is_gone(p) for p in family), "the old study's processes to end")
    assert recorded(kernel).end_reason is None
    load(kernel)
    kernel.run(toy(trials=30, pause=0.0, more="--pruner none --resume"))
    kernel.run("await study")
    study = recorded(kernel)
    assert study.counts["complete"] + study.counts["pruned"] == 30
    assert [trial.number for trial in study.trials.values() if trial.attempt == 2] == [0, 1]


def test_a_killed_kernel_leaves_no_process(kernel: Kernel) -> None:
    load(kernel)
    kernel.run(toy(pause=0.3, steps=ENDLESS, more="--pruner none"))
    kernel.wait_for("any(t.curve for t in study.trials)")
    family = family_of(kernel)
    kernel.kill()
    wait_until(lambda: all(is_gone(p) for p in family), "the study's processes to end")


def test_a_new_notebook_is_told_of_detached_studies_and_ends_them(kernel: Kernel) -> None:
    load(kernel)
    kernel.run(toy(pause=0.2, more="--detach"))
    kernel.restart()
    path = study_path(kernel)
    assert f"Study 'toy' runs detached: %tune show {path}" in kernel.run(LOAD).text
    assert "toy  " in kernel.run("%tune list").text
    assert f"  {kernel.folder}" in kernel.run("%tune list elsewhere").text
    kernel.run("%tune show toy -o again")
    assert kernel.run("again.state").result == "'running'"
    assert "give the name of a study, or --all" in kernel.run("%tune stop toy --all", expect="error").error
    assert f"Stopped: {path}" in kernel.run("%tune stop --all").text
    kernel.run("again.wait()")
    assert kernel.run("%tune stop --all").text == "No study is running.\n"
    kernel.restart()
    assert "detached" not in kernel.run(LOAD).text


def test_a_detached_study_outlives_its_kernel(kernel: Kernel) -> None:
    load(kernel)
    kernel.run(toy(trials=12, pause=0.2, more="--detach"))
    kernel.wait_for("len(study.trials) > 3")
    kernel.restart()
    wait_until(
        lambda: recorded(kernel).end_reason == "all trials done", "the detached study to run to its end"
    )


SPEAKING = """
import threading

from jupyter_tune.notebook import live

[view] = live._views.values()


def speak():
    while True:
        view._dashboard.notice("info", "x" * 100_000)


threading.Thread(target=speak, daemon=True).start()
"""


def test_a_kernel_that_exits_breaks_off_no_message(kernel: Kernel, capfd: pytest.CaptureFixture[str]) -> None:
    load(kernel)
    kernel.run(toy(trials=2, pause=0))
    kernel.run("study.wait()")
    for _ in range(3):
        kernel.run(SPEAKING)
        kernel.restart()
        load(kernel)
        kernel.run(f"%tune show {study_path(kernel)}")
    assert "Error" not in capfd.readouterr().err
