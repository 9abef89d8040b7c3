"""What every Executor promises, run over each of them with real processes."""

from __future__ import annotations

import asyncio
import math
import os
import time

import pytest

from jupyter_tune.core.events import TrialEnded, TrialReported, TrialStarted
from jupyter_tune.core.ports import Executor, Work
from jupyter_tune.errors import TuneError
from jupyter_tune.executors.local.attempt import GRACE_S
from jupyter_tune.executors.local.executor import LocalExecutor
from jupyter_tune.executors.local.machine import cores
from jupyter_tune.executors.local.starts import SPAWN, START_VARIABLE
from jupyter_tune.executors.local.supervisor_process import SupervisorProcess
from jupyter_tune.trials.artifacts import artifacts_of
from jupyter_tune.trials.environment import THREAD_VARIABLES
from tests.dask_clusters import executor_on
from tests.processes import PATIENCE_S, is_gone, wait_until
from tests.trial_lab import ORPHAN_CELL, Lab

pytestmark = pytest.mark.usefixtures("bare_notebook")


@pytest.fixture(params=["local", "local by spawn", "dask", "dask without shared files"])
def executor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Executor:
    """Each kind of executor in turn."""
    if request.param == "local by spawn":
        monkeypatch.setenv(START_VARIABLE, SPAWN)
    if request.param.startswith("local"):
        return LocalExecutor()
    cluster = request.getfixturevalue("cluster")
    return executor_on(cluster, shares_files=request.param == "dask")


ENDLESS = "import time\nreport(accuracy=0.5)\ntime.sleep(600)"


async def test_facts_arrive_in_order(lab: Lab) -> None:
    await lab.run("for epoch in range(1, 4):\n    report(accuracy=epoch / 10, step=epoch)")
    started, *reports, ended = lab.facts
    assert isinstance(started, TrialStarted)
    assert [(r.step, r.metrics) for r in reports if isinstance(r, TrialReported)] == [
        (1, {"accuracy": 0.1}),
        (2, {"accuracy": 0.2}),
        (3, {"accuracy": 0.3}),
    ]
    assert isinstance(ended, TrialEnded)
    assert (ended.state, ended.value) == ("complete", None)


async def test_a_variable_is_the_result_of_a_cell_that_reports_nothing(lab: Lab) -> None:
    ended = await lab.run("lr = trial.params['lr']\naccuracy = 1 - lr", lr=0.25)
    assert (ended.state, ended.value) == ("complete", 0.75)


async def test_many_trials_at_once_each_have_a_slot(lab: Lab) -> None:
    await lab.open("report(accuracy=trial.number)\nimport time\ntime.sleep(600 if trial.number < 2 else 0)")
    for number in range(3):
        lab.launch(number, workers=3)
        await lab.started(number)
    await lab.ended(2)
    slots = {f.number: f.slot for f in lab.facts if isinstance(f, TrialStarted)}
    assert len(set(slots.values())) == 3
    lab.launch(3, workers=3)
    await lab.ended(3)
    again = next(f.slot for f in lab.facts if isinstance(f, TrialStarted) and f.number == 3)
    assert again == slots[2]


async def test_the_trials_that_run_at_once_share_the_processors(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in THREAD_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    await lab.open("import os\nreport(accuracy=int(os.environ['OMP_NUM_THREADS']))")
    processors = cores()
    threads = []
    for number, workers in enumerate([1, 2, 10_000]):
        lab.launch(number, workers=workers)
        await lab.ended(number)
        threads += [f.metrics["accuracy"] for f in lab.facts if isinstance(f, TrialReported)][number:]
    assert threads == [processors, max(1, processors // 2), 1]


async def test_a_pruned_trial_stops_at_its_report_and_cleans_up(lab: Lab) -> None:
    lab.on_report = lambda fact: lab.halt(state="pruned") if fact.step == 2 else None
    ended = await lab.run(
        "try:\n    while True:\n        try:\n            report(accuracy=1)\n"
        "        except Exception:\n            pass\nfinally:\n    print('cleaned up')"
    )
    assert (ended.state, ended.reason, len(lab.reports())) == ("pruned", "told to", 2)
    assert "cleaned up" in lab.log()


async def test_an_error_in_the_clean_up_does_not_hide_the_halt(lab: Lab) -> None:
    lab.on_report = lambda fact: lab.halt(state="pruned")
    ended = await lab.run("try:\n    report(accuracy=1)\nfinally:\n    1 / 0")
    assert ended.state == "pruned"


async def test_a_hanging_trial_is_cancelled_by_force_after_its_grace(lab: Lab) -> None:
    await lab.open("import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + ENDLESS)
    took: list[float] = []
    # a busy machine may be late once: so the quickest of a few counts
    while not took or (min(took) > GRACE_S and len(took) < 5):
        number = len(took)
        lab.launch(number)
        await lab.reported(number=number)
        lab.halt(number)
        asked = time.monotonic()
        assert (await lab.ended(number)).state == "cancelled"
        took.append(time.monotonic() - asked)
    assert min(took) < GRACE_S, "its own grace of 0.3 s, and not the usual one"


async def test_sigterm_lets_a_halted_trial_clean_up(lab: Lab) -> None:
    await lab.open(
        "import time\ntry:\n    report(accuracy=1)\n    time.sleep(600)\nfinally:\n    print('tidy')"
    )
    lab.launch()
    await lab.reported()
    lab.halt()
    assert (await lab.ended()).state == "cancelled"
    assert "tidy" in lab.log()


async def test_a_trial_that_catches_every_stop_is_killed(lab: Lab) -> None:
    lab.on_report = lambda fact: lab.halt()
    ended = await lab.run("while True:\n    try:\n        report(accuracy=1)\n    except:\n        pass")
    assert (ended.state, len(lab.reports())) == ("cancelled", 1)


async def test_a_halt_before_the_start_ends_the_attempt_once(lab: Lab) -> None:
    await lab.open(ENDLESS)
    lab.launch()
    lab.halt()
    assert (await lab.ended()).state == "cancelled"


async def test_a_halt_can_lose_the_race(lab: Lab) -> None:
    ended = await lab.run("accuracy = 1")
    lab.halt()
    lab.launch(1)
    await lab.ended(1)
    assert ended.state == "complete"
    assert len(lab.ends()) == 1


async def test_a_trial_goes_on_without_acknowledgements(lab: Lab) -> None:
    lab.acknowledges = False
    began = time.monotonic()
    ended = await lab.run("report(accuracy=1)\nreport(accuracy=2)")
    assert (ended.state, len(lab.reports())) == ("complete", 2)
    assert time.monotonic() - began > 2


async def test_a_late_verdict_is_met_at_the_next_report(lab: Lab) -> None:
    lab.acknowledges = False
    # the second report waits for a second before it gives the verdict up
    lab.on_report = lambda fact: lab.halt(state="pruned") if fact.step == 2 else None
    await lab.open("for _ in range(20):\n    report(accuracy=1)")
    lab.launch()
    assert (await lab.ended()).state == "pruned"
    assert len(lab.reports()) == 2


async def test_reports_of_many_threads_are_all_kept_in_order(lab: Lab) -> None:
    await lab.run(
        "import threading\n"
        "def work(n):\n    for k in range(40):\n        report(accuracy=k, thread=n)\n"
        "threads = [threading.Thread(target=work, args=(n,)) for n in range(5)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]"
    )
    for thread in range(5):
        mine = [r.metrics["accuracy"] for r in lab.reports() if r.metrics["thread"] == thread]
        assert mine == list(range(40))
    assert [r.step for r in lab.reports()] == list(range(1, 201))


async def test_nan_and_infinity_arrive_as_they_are(lab: Lab) -> None:
    await lab.run("report(accuracy=float('nan'), up=float('inf'), down=float('-inf'))")
    metrics = lab.reports()[0].metrics
    assert math.isnan(metrics["accuracy"])
    assert (metrics["up"], metrics["down"]) == (math.inf, -math.inf)


async def test_any_text_from_a_trial_can_be_sent_and_shown(lab: Lab) -> None:
    half = "\ud83d"
    await lab.open(
        "report(**{'a' + x: 1}); print(x); raise ValueError(x + chr(0) + '<b>')", names={"x": half}
    )
    lab.launch()
    ended = await lab.ended()
    (reported,) = lab.reports()
    assert reported.metrics == {r"a\ud83d": 1.0}
    assert ended.error.endswith("ValueError: \\ud83d\x00<b>")
    assert ended.reason.encode()


async def test_what_a_trial_leaves_running_dies_with_it(lab: Lab) -> None:
    await lab.run(ORPHAN_CELL)
    assert is_gone(int(lab.reports()[0].metrics["accuracy"]))


async def test_the_daemon_of_a_halted_trial_is_killed(lab: Lab) -> None:
    await lab.open(ORPHAN_CELL + "time.sleep(600)")
    lab.launch()
    daemon = int((await lab.reported())[0].metrics["accuracy"])
    assert not is_gone(daemon)
    lab.halt()
    await lab.ended()
    assert is_gone(daemon)


async def test_one_trial_s_end_spares_the_daemon_of_another(lab: Lab) -> None:
    await lab.open(ORPHAN_CELL + "time.sleep(600 if trial.number == 0 else 0)")
    lab.launch(0)
    daemon = int((await lab.reported())[0].metrics["accuracy"])
    lab.launch(1)
    await lab.ended(1)
    assert not is_gone(daemon)
    await lab.executor.close()
    assert is_gone(daemon)


async def test_close_loses_what_runs_and_leaves_nothing(lab: Lab) -> None:
    await lab.open(ORPHAN_CELL + "time.sleep(600)")
    lab.launch()
    daemon = int((await lab.reported())[0].metrics["accuracy"])
    pid = await lab.started()
    await lab.executor.close()
    await lab.executor.close()
    assert (await lab.ended()).state == "lost"
    assert is_gone(daemon)
    assert is_gone(pid)


async def test_checkpoints_outlive_an_attempt_and_each_attempt_has_artifacts_of_its_own(lab: Lab) -> None:
    await lab.open(
        "seen = (trial.checkpoint_dir / 'state').exists()\n"
        "(trial.checkpoint_dir / 'state').write_text('x')\n"
        "trial.save_artifact(trial.checkpoint_dir, 'second' if seen else 'first')\naccuracy = float(seen)"
    )
    lab.launch(attempt=1)
    first = await lab.ended(attempt=1)
    lab.launch(attempt=2)
    second = await lab.ended(attempt=2)
    assert (first.value, second.value) == (0.0, 1.0)
    assert first.checkpoint
    assert second.checkpoint
    folder = lab.folder / "trials/0"
    assert list(artifacts_of(folder, range(1, 2))) == ["first"]
    retried = artifacts_of(folder, range(2, 3))
    assert [(path / "state").read_text() for path in retried.values()] == ["x"]
    assert list(retried) == ["second"]


async def test_a_disk_that_refuses_an_artifact_fails_the_trial_with_the_reason_and_leaves_nothing(
    lab: Lab,
) -> None:
    # a limit on the size of files stands for the end of the disk: the copy is refused half-way
    ended = await lab.run(
        "import pathlib, resource\npathlib.Path('model.pt').write_bytes(b'x' * 200_000)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\ntrial.save_artifact('model.pt')"
    )
    assert ended.state == "failed"
    assert "ArtifactError: artifact 'model.pt': model.pt could not be copied to" in ended.error
    assert "File too large; make room there, or save less" in ended.error
    folder = lab.folder / "trials/0"
    assert artifacts_of(folder, range(1, 2)) == {}
    assert not list(folder.rglob("model.pt"))


@pytest.mark.parametrize(
    ("leaves", "told"), [("trial.checkpoint_dir", False), ("(trial.checkpoint_dir / 'state').touch()", True)]
)
async def test_the_end_of_a_pruned_trial_has_whether_there_is_a_checkpoint(
    lab: Lab, leaves: str, told: bool
) -> None:
    lab.on_report = lambda fact: lab.halt(state="pruned")
    ended = await lab.run(f"{leaves}\nreport(accuracy=1)")
    assert (ended.state, ended.checkpoint) == ("pruned", told)


async def test_a_checkpoint_is_reported_however_the_trial_ended(lab: Lab) -> None:
    ended = await lab.run("import os\n(trial.checkpoint_dir / 'state').touch()\nos.kill(os.getpid(), 9)")
    assert (ended.state, ended.checkpoint) == ("failed", True)


async def test_steps_that_are_not_given_go_on_from_where_the_trial_was(lab: Lab) -> None:
    await lab.open("for _ in range(3):\n    report(accuracy=1)")
    lab.launch(attempt=2, resumed_from=5)
    await lab.ended(attempt=2)
    assert [f.step for f in lab.of(attempt=2) if isinstance(f, TrialReported)] == [6, 7, 8]


HANGS = {
    "a lock that is never released": "import threading\nlock = threading.Lock()\n" + "lock.acquire()\n" * 2,
    "a pool whose worker died": (
        "import multiprocessing, os\n"
        "with multiprocessing.get_context('fork').Pool(1) as pool:\n    pool.apply(os._exit, (1,))"
    ),
    "SIGTERM ignored": "import signal, time\nsignal.signal(15, signal.SIG_IGN)\ntime.sleep(600)",
    "stopped": "import os\nos.kill(os.getpid(), 19)",
}


@pytest.mark.parametrize("how", HANGS)
async def test_a_trial_that_hangs_is_ended_when_its_time_is_over(lab: Lab, how: str) -> None:
    await lab.open(HANGS[how])
    lab.launch(timeout_s=0.3)
    ended = await lab.ended()
    assert (ended.state, ended.reason, ended.cause) == ("failed", "took longer than 0.3 s", "timeout")


async def test_a_trial_within_its_time_is_left_alone(lab: Lab) -> None:
    await lab.open("accuracy = 1")
    lab.launch(timeout_s=600.0)
    assert (await lab.ended()).state == "complete"


@pytest.mark.parametrize(
    ("source", "cause", "reason"),
    [
        ("raise ValueError('x')", "error", "ValueError: x"),
        ("import sys\nsys.exit(3)", "error", "exited with code 3"),
        ("pass", "error", "no metric"),
        ("import os\nos.kill(os.getpid(), 11)", "crash", "killed by SIGSEGV"),
        ("import os\nos.kill(os.getpid(), 15)", "crash", "killed by SIGTERM"),
        ("bytearray(1 << 60)", "memory", "memory"),
        ("class OutOfMemoryError(RuntimeError): pass\nraise OutOfMemoryError('CUDA')", "memory", "memory"),
    ],
)
async def test_a_failure_has_its_cause(lab: Lab, source: str, cause: str, reason: str) -> None:
    ended = await lab.run(source)
    assert (ended.state, ended.cause, ended.reason) == ("failed", cause, reason)


async def test_a_missing_payload_is_refused(lab: Lab) -> None:
    with pytest.raises(TuneError, match="is gone"):
        await lab.executor.open(Work("/nowhere", str(lab.folder), "accuracy", {}), lambda fact: None, {})


of_the_local_one = pytest.mark.parametrize("executor", ["local", "local by spawn"], indirect=True)


@of_the_local_one
async def test_a_dead_supervisor_s_trials_are_lost_and_another_takes_over(lab: Lab) -> None:
    assert isinstance(lab.executor, LocalExecutor)
    await lab.open("report(accuracy=1)\nimport time\ntime.sleep(600 if trial.number == 0 else 0)")
    lab.launch(0)
    pid = await lab.started()
    await lab.reported()
    assert lab.executor._supervisor is not None
    os.kill(lab.executor._supervisor.process.pid, 9)
    assert (await lab.ended(0)).state == "lost"
    await asyncio.to_thread(wait_until, lambda: is_gone(pid), "its trial to end")
    lab.launch(1)
    assert (await lab.ended(1)).state == "complete"


@of_the_local_one
async def test_a_supervisor_that_dies_before_it_is_ready_is_replaced(lab: Lab) -> None:
    assert isinstance(lab.executor, LocalExecutor)
    lab.executor._supervisor = SupervisorProcess()
    os.kill(lab.executor._supervisor.process.pid, 9)
    await lab.open("accuracy = 1")
    lab.launch()
    assert (await lab.ended()).state == "complete"


@of_the_local_one
async def test_supervisors_that_die_between_trials_are_replaced_however_many(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_tune.executors.local.executor.RESTARTS", 1)
    assert isinstance(lab.executor, LocalExecutor)
    lab.executor._restarts_left = 1
    await lab.open("accuracy = 1")
    for number in range(3):
        lab.launch(number)
        assert (await lab.ended(number)).state == "complete"
        supervisor = lab.executor._supervisor
        assert supervisor is not None
        supervisor.process.kill()
        async with asyncio.timeout(PATIENCE_S):
            while lab.executor._supervisor is supervisor:
                await asyncio.sleep(0.01)


@of_the_local_one
async def test_a_stopped_supervisor_is_killed_and_another_takes_over(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_tune.executors.local.executor.LOOK_S", 0.1)
    monkeypatch.setattr("jupyter_tune.executors.local.executor.DEAD_S", 1.0)
    assert isinstance(lab.executor, LocalExecutor)
    await lab.open("import time\ntime.sleep(600 if trial.number == 0 else 0)\naccuracy = 1")
    lab.launch(0)
    await lab.started()
    assert lab.executor._supervisor is not None
    os.kill(lab.executor._supervisor.process.pid, 19)
    assert (await lab.ended(0)).state == "lost"
    monkeypatch.setattr("jupyter_tune.executors.local.executor.DEAD_S", 600.0)
    lab.launch(1)
    assert (await lab.ended(1)).state == "complete"


@of_the_local_one
async def test_a_trial_that_hangs_is_told_of_and_one_that_takes_long_is_not(lab: Lab) -> None:
    assert isinstance(lab.executor, LocalExecutor)
    told: list[str] = []
    lab.executor._notice = lambda text, level: told.append(text)
    lab.options["silent_s"] = 0.1
    await lab.open(
        "import time\nuntil = time.monotonic() + 7\n"
        "if trial.number == 0:\n    time.sleep(600)\n"
        "while time.monotonic() < until:\n    pass\naccuracy = 1"
    )
    lab.launch(0)
    lab.launch(1)
    assert (await lab.ended(1)).state == "complete"
    async with asyncio.timeout(PATIENCE_S):
        while not told:
            # the start of a spawned one was work, so it is told of a look later
            await asyncio.sleep(0.1)
    lab.halt(0)
    await lab.ended(0)
    assert [text[:20] for text in told] == ["trial 0 may hang: fo"]


@of_the_local_one
async def test_without_a_supervisor_every_launch_is_lost(lab: Lab) -> None:
    assert isinstance(lab.executor, LocalExecutor)
    await lab.open("accuracy = 1")
    lab.executor._restarts_left = 0
    assert lab.executor._supervisor is not None
    os.kill(lab.executor._supervisor.process.pid, 9)
    for number in range(2):
        lab.launch(number)
        assert (await lab.ended(number)).state == "lost"
