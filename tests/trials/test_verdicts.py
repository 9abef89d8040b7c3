"""Who decides how a trial ended: its halt before its code, and its own process before any that it forked."""

from __future__ import annotations

import pytest

from tests.trial_lab import Lab

pytestmark = pytest.mark.usefixtures("bare_notebook")

SWALLOWS = {
    "a bare except": "try:\n        report(accuracy=step)\n    except: pass",
    "suppress": "with contextlib.suppress(BaseException): report(accuracy=step)",
    "finally": "measure(step)",
    "a thread": "thread = threading.Thread(target=measure, args=[step])\n    thread.start(); thread.join()",
}
BEFORE = (
    "import contextlib, sys, threading\n"
    "def measure(step):\n    try:\n        report(accuracy=step)\n    finally:\n        return\n"
)


@pytest.mark.parametrize("swallow", SWALLOWS)
@pytest.mark.parametrize("state", ["pruned", "cancelled"])
async def test_code_that_swallows_its_halt_is_ended_by_it(lab: Lab, swallow: str, state: str) -> None:
    lab.on_report = lambda fact: lab.halt(state=state) if fact.step == 2 else None
    ended = await lab.run(f"{BEFORE}for step in range(1, 6):\n    {SWALLOWS[swallow]}\naccuracy = 100")
    assert (ended.state, ended.reason, ended.value) == (state, "told to", None)
    assert [report.step for report in lab.reports()] == [1, 2]


@pytest.mark.parametrize("end", ["", "raise ValueError('later')", "sys.exit(3)", "import os; os._exit(3)"])
async def test_the_halt_decides_however_the_code_ends_after_it(lab: Lab, end: str) -> None:
    lab.on_report = lambda fact: lab.halt(state="pruned")
    ended = await lab.run(f"{BEFORE}measure(1)\n{end}")
    assert (ended.state, ended.error) == ("pruned", "")
    assert ("ValueError: later" in lab.log()) == ("later" in end)


async def test_code_that_swallows_sigterm_is_ended_by_the_halt_behind_it(lab: Lab) -> None:
    await lab.open(
        "import time\nreport(accuracy=1)\ntry:\n    time.sleep(600)\nexcept: pass\naccuracy = 100",
    )
    lab.launch()
    await lab.reported()
    lab.halt()
    ended = await lab.ended()
    assert (ended.state, ended.value) == ("cancelled", None)


@pytest.mark.parametrize("fork", ["os.fork()", "os.fork() and os.fork()"])
async def test_only_the_trial_s_own_process_ends_the_trial(lab: Lab, fork: str) -> None:
    ended = await lab.run(
        "import atexit, os\nown = os.getpid()\n"
        "atexit.register(lambda: print('tidy', os.getpid() == own, flush=True))\n"
        f"pid = {fork}\n"
        "if pid: print('status', os.waitpid(pid, 0)[1], flush=True)\n"
        "accuracy = 1 if pid else 100"
    )
    assert (ended.state, ended.value) == ("complete", 1), ended.error
    assert lab.log().split("\n") == ["status 0", "tidy True", ""]


@pytest.mark.parametrize(
    ("end", "status", "log"),
    [
        ("sys.exit(3)", 3, ""),
        ("1 / 0", 1, "ZeroDivisionError"),
        ("report(accuracy=100)", 1, "in a child process"),
    ],
)
async def test_the_exit_of_a_fork_is_seen_by_its_parent_only(
    lab: Lab, end: str, status: int, log: str
) -> None:
    ended = await lab.run(
        f"import os, sys\nif os.fork() == 0:\n    {end}\naccuracy = os.waitstatus_to_exitcode(os.wait()[1])"
    )
    assert (ended.state, ended.value) == ("complete", status), ended.error
    assert log in lab.log()
    assert not lab.reports()


async def test_a_fork_that_outlives_the_code_sends_nothing(lab: Lab) -> None:
    ended = await lab.run(
        "import os, signal\nr, w = os.pipe()\n"
        "if os.fork() == 0:\n    os.write(w, b'x')\n    signal.pause()\nos.read(r, 1)\naccuracy = 1"
    )
    assert (ended.state, ended.value) == ("complete", 1)


async def test_a_function_s_fork_does_not_answer_for_it(lab: Lab) -> None:
    space: dict[str, object] = {}
    exec("import os\ndef train(): return 1 if os.fork() else 100", space)
    await lab.open(kind="function", function=space["train"])
    for number in range(3):
        lab.launch(number)
        assert (await lab.ended(number)).value == 1


async def test_a_thread_may_report_after_the_end_of_the_code(lab: Lab) -> None:
    lab.options["grace_s"] = 20
    ended = await lab.run(
        "import threading\ndone = threading.Event()\n"
        "def later():\n    done.wait()\n    report(accuracy=2, step=2)\n"
        "threading.Thread(target=later).start()\n"
        "report(accuracy=1, step=1)\nthreading.Timer(0.3, done.set).start()"
    )
    assert ended.state == "complete"
    assert [report.step for report in lab.reports()] == [1, 2]
    assert "Error" not in lab.log()


async def test_a_thread_that_never_ends_does_not_keep_the_trial_running(lab: Lab) -> None:
    ended = await lab.run(
        "import atexit, threading\natexit.register(print, 'bye')\n"
        "threading.Thread(target=threading.Event().wait).start()\naccuracy = 1"
    )
    assert (ended.state, ended.value, lab.log()) == ("complete", 1, "bye\n")


async def test_threads_and_exit_handlers_finish_in_the_interpreter_s_order(lab: Lab) -> None:
    lab.options["grace_s"] = 60
    ended = await lab.run(
        "import atexit, concurrent.futures, logging, tempfile, time\n"
        "threads = concurrent.futures.ThreadPoolExecutor(1)\n"
        "processes = concurrent.futures.ProcessPoolExecutor(1)\n"
        "threads.submit(lambda: (time.sleep(0.2), print('thread', flush=True)))\n"
        "processes.submit(print, 'process', flush=True).result()\n"
        "folder = tempfile.TemporaryDirectory()\n"
        "atexit.register(lambda: print('atexit', __import__('os').path.exists(folder.name)))\n"
        "file = open('late', 'w')\nfile.write('begun, ')\natexit.register(lambda: file.write('all'))\n"
        "accuracy = 1"
    )
    assert ended.state == "complete"
    assert lab.log().split() == ["process", "thread", "atexit", "True"]
    assert (lab.folder / "late").read_text() == "begun, all"
