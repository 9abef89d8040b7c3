"""How commands run, report and end: real programs in real trials."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import tomllib
from typing import Any

import pytest
import yaml

from jupyter_tune.core.events import TrialReported
from jupyter_tune.core.retries import CRASH, ERROR, MEMORY
from jupyter_tune.launch.command import Command
from jupyter_tune.trials.artifacts import artifacts_of
from jupyter_tune.trials.command.running import failure
from tests.processes import is_gone, wait_until
from tests.trial_lab import Lab

pytestmark = pytest.mark.usefixtures("bare_notebook")

ACCURACY = {"accuracy": r"acc=(\S+)"}
STEPS = r"epoch (\d+)"


async def open_script(lab: Lab, source: str, *arguments: str, **options: Any) -> None:
    """Open with a Python script as the command."""
    (lab.folder / "train.py").write_text(source)
    await open_words(lab, [sys.executable, "train.py", *arguments], **options)


async def open_words(lab: Lab, words: list[str], **options: Any) -> None:
    await lab.open(**Command(words, **{"metrics": ACCURACY, **options}).work)


async def run_script(lab: Lab, source: str, *arguments: str, params: Any = None, **options: Any) -> Any:
    """Run a script once, as trial 0. Returns the trial's end."""
    await open_script(lab, source, *arguments, **options)
    lab.launch(**(params or {}))
    return await lab.ended()


def steps(lab: Lab) -> list[tuple[int, dict[str, float]]]:
    return [(report.step, report.metrics) for report in lab.reports()]


async def test_every_match_in_stdout_and_stderr_is_a_report_and_the_log_has_both(lab: Lab) -> None:
    ended = await run_script(
        lab,
        "import sys\nprint('acc=0.1')\nsys.stdout.flush()\n"
        "import time; time.sleep(0.3)\nprint('acc=0.2', file=sys.stderr)",
    )
    assert (ended.state, ended.value) == ("complete", None)
    assert steps(lab) == [(1, {"accuracy": 0.1}), (2, {"accuracy": 0.2})]
    assert lab.log() == "acc=0.1\nacc=0.2\n"


async def test_the_step_is_read_from_the_line_or_from_an_earlier_one(lab: Lab) -> None:
    await run_script(
        lab,
        "print('acc=0')\nfor k in (3, 6):\n    print(f'epoch {k}: loss=1')\n    print(f'acc=0.{k}')\n"
        "print('epoch 9 acc=0.9')",
        step_from=STEPS,
    )
    assert [(step, metrics["accuracy"]) for step, metrics in steps(lab)] == [
        (0, 0.0),
        (3, 0.3),
        (6, 0.6),
        (9, 0.9),
    ]


async def test_each_update_of_a_progress_bar_is_a_line_that_arrives_at_once(lab: Lab) -> None:
    await open_script(
        lab,
        "import sys, time\n"
        "for k in range(1, 4):\n    print(f'\\repoch {k} acc=0.{k} ', end='', file=sys.stderr)\n"
        "print(end='\\r', file=sys.stderr)\ntime.sleep(600)",
        step_from=STEPS,
    )
    lab.launch()
    await lab.reported(3)
    assert [step for step, _ in steps(lab)] == [1, 2, 3]
    lab.halt()


async def test_a_program_s_prints_arrive_while_it_runs(lab: Lab) -> None:
    await open_script(lab, "import time\nprint('acc=0.5')\ntime.sleep(600)")
    lab.launch()
    await lab.reported()
    assert "acc=0.5" in lab.log()
    lab.halt()
    await lab.ended()


@pytest.mark.parametrize("state", ["pruned", "cancelled"])
async def test_a_halted_command_gets_sigterm_at_once(lab: Lab, state: str) -> None:
    lab.options["grace_s"] = 60.0
    await open_script(
        lab,
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('tidy'), sys.exit(1)))\n"
        "print('acc=0.5')\ntime.sleep(600)",
    )
    lab.on_report = lambda fact: lab.halt(state=state)
    lab.launch()
    ended = await lab.ended()
    assert (ended.state, ended.reason) == (state, "told to")
    assert "tidy" in lab.log()


async def test_a_command_that_ignores_sigterm_is_killed_with_its_children(lab: Lab) -> None:
    await open_script(
        lab,
        "import os, signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = os.fork()\n"
        "if child:\n    print(f'acc={os.getpid()} acc={child}')\nelse:\n    os.setsid()\ntime.sleep(600)",
    )
    lab.launch()
    pids = [int(report.metrics["accuracy"]) for report in await lab.reported(2)]
    lab.halt()
    assert (await lab.ended()).state == "cancelled"
    assert all(map(is_gone, pids))


async def test_what_a_command_leaves_running_is_killed_and_does_not_delay_its_end(lab: Lab) -> None:
    began = time.monotonic()
    ended = await run_script(
        lab,
        "import subprocess\nleft = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
        "print(f'acc={left.pid}')",
    )
    assert ended.state == "complete"
    assert time.monotonic() - began < 30
    assert is_gone(int(lab.reports()[0].metrics["accuracy"]))


async def test_a_killed_trial_leaves_no_command(lab: Lab) -> None:
    await open_script(lab, "import os, time\nprint(f'acc={os.getpid()}')\ntime.sleep(600)")
    lab.launch()
    [report] = await lab.reported()
    os.kill(await lab.started(), signal.SIGKILL)
    assert (await lab.ended()).reason == "killed by SIGKILL"
    wait_until(lambda: is_gone(int(report.metrics["accuracy"])), "the command to end")


@pytest.mark.parametrize(
    ("source", "reason", "error"),
    [
        ("raise ValueError('boom')", "exited with code 1: ValueError: boom", "Traceback"),
        ("import sys\nprint('it was me')\nsys.exit(3)", "exited with code 3: it was me", "it was me"),
        ("import sys\nsys.exit(4)", "exited with code 4", "printed nothing"),
        ("import os\nos.kill(os.getpid(), 11)", "killed by SIGSEGV", "printed nothing"),
        ("print('done')", "no metric", r"no line of its output matches 'acc=(\\S+)'"),
        ("print('acc=high')", "no metric", "no line"),
    ],
)
async def test_a_failure_says_what_happened(lab: Lab, source: str, reason: str, error: str) -> None:
    ended = await run_script(lab, source)
    assert (ended.state, ended.reason) == ("failed", reason)
    assert error in ended.error


@pytest.mark.parametrize(
    ("code", "reason", "cause"),
    [(-9, "memory", MEMORY), (-11, "killed by SIGSEGV", CRASH), (1, "exited with code 1", ERROR)],
)
def test_a_program_killed_while_memory_ran_out_failed_for_memory(code: int, reason: str, cause: str) -> None:
    failed = failure(code, {1: [], 2: []}, out_of_memory=True)
    assert (failed.reason, failed.cause) == (reason, cause)


async def test_what_is_matched_and_is_no_number_is_noted_in_the_log(lab: Lab) -> None:
    await run_script(lab, "print('acc=high')\nprint('acc=0.5')")
    assert steps(lab) == [(1, {"accuracy": 0.5})]
    assert "accuracy: 'high' is not a number; such matches are left out" in lab.log()


async def test_a_program_that_does_not_exist_is_named(lab: Lab) -> None:
    await open_words(lab, ["{program}"])
    lab.launch(program="/no/such/program")
    ended = await lab.ended()
    assert (ended.state, ended.reason) == (
        "failed",
        "/no/such/program: cannot be started (No such file or directory)",
    )


async def test_a_value_with_spaces_and_quotes_stays_one_argument(lab: Lab) -> None:
    name = """it's "a b" $HOME {x} *"""
    await run_script(
        lab, "import sys\nprint(sys.argv[1:], 'acc=1')", "--name", "{name}", "{{}}", params={"name": name}
    )
    assert lab.log() == f"{['--name', name, '{}']} acc=1\n"


async def test_a_parameter_that_does_not_exist_in_a_trial_is_left_out_with_its_option(lab: Lab) -> None:
    words = ("--opt", "{opt}", "--momentum", "{momentum}", "momentum={momentum}", "--end")
    await run_script(lab, "import sys\nprint(sys.argv[1:], 'acc=1')", *words, params={"opt": "adam"})
    assert lab.log() == "['--opt', 'adam', '--end'] acc=1\n"


async def test_parameters_are_in_the_environment(lab: Lab) -> None:
    await run_script(
        lab,
        "import os\n"
        "print({k: v for k, v in sorted(os.environ.items()) if k.startswith('JUPYTER_TUNE_PARAM')})\n"
        "print('acc=' + os.environ['JUPYTER_TUNE_SEED'])",
        params={"lr": 1e-05, "my width": 64, "on": True},
    )
    shown = {"JUPYTER_TUNE_PARAM_LR": "1e-05", "JUPYTER_TUNE_PARAM_MY_WIDTH": "64"}
    assert lab.log().startswith(repr({**shown, "JUPYTER_TUNE_PARAM_ON": "True"}))
    assert steps(lab) == [(1, {"accuracy": 1000.0})]


PARAMS = {"lr": 1e-05, "width": 64, "on": True, "name": "größe: 'x'", "optim.beta": 0.9}


@pytest.mark.parametrize(
    ("suffix", "read"), [("json", json.loads), ("yaml", yaml.safe_load), ("toml", tomllib.loads)]
)
async def test_a_file_has_all_parameters_in_their_types(lab: Lab, suffix: str, read: Any) -> None:
    source = "import sys\nprint(sys.argv[1], 'acc=1')"
    ended = await run_script(lab, source, f"{{config.{suffix}}}", params=PARAMS)
    assert ended.error == ""
    path = lab.folder / f"trials/0/config.{suffix}"
    assert lab.log() == f"{path} acc=1\n"
    assert read(path.read_text()) == PARAMS


async def test_a_trial_s_own_values_have_placeholders(lab: Lab) -> None:
    names = (
        "{trial.number}",
        "{trial.seed}",
        "{trial.folder}",
        "{trial.checkpoint_dir}",
        "{trial.artifacts}",
    )
    ended = await run_script(
        lab,
        "import pathlib, sys\nassert pathlib.Path(sys.argv[4]).is_dir()\nprint(sys.argv[1:4], 'acc=1')\n"
        "pathlib.Path(sys.argv[4], 'state').touch()\npathlib.Path(sys.argv[5], 'model').touch()\n"
        "import jupyter_tune as jt\njt.trial.save_artifact(__file__, 'script')",
        *names,
    )
    assert lab.log() == f"{['0', '1000', str(lab.folder / 'trials/0')]} acc=1\n"
    assert ended.checkpoint
    assert list(artifacts_of(lab.folder / "trials/0", range(1, 2))) == ["model", "script"]


async def test_a_log_file_is_read_from_its_creation_on(lab: Lab) -> None:
    await run_script(
        lab,
        "import sys, time\ntime.sleep(0.3)\n"
        "with open(sys.argv[1], 'w') as log:\n"
        "    for k in range(1, 4):\n        print(f'epoch {k} acc=0.{k}', file=log, flush=True)\n"
        "        time.sleep(0.15)\n"
        "    print('epoch 4 acc=0.4', end='', file=log)",
        "{trial.folder}/train.log",
        log_file="{trial.folder}/train.log",
        step_from=STEPS,
    )
    assert [(step, metrics["accuracy"]) for step, metrics in steps(lab)] == [
        (1, 0.1),
        (2, 0.2),
        (3, 0.3),
        (4, 0.4),
    ]
    assert lab.log() == ""


REPORTING = "from jupyter_tune import report, trial\n"


async def test_a_script_may_report_itself_also_below_a_shell(lab: Lab) -> None:
    (lab.folder / "train.py").write_text(
        REPORTING
        + "assert (trial.number, trial.seed) == (0, 1000)\n"
        + "for k in (2, 4):\n    report(accuracy=trial.params['lr'], step=k)\n"
        + "report(accuracy=1, loss=float('nan'))\n(trial.checkpoint_dir / 'x').touch()\n"
    )
    await open_words(
        lab, ["sh", "-c", f"cd / && {sys.executable} {lab.folder}/train.py; exit $?"], metrics={}
    )
    lab.launch(lr=0.25)
    ended = await lab.ended()
    assert (ended.error, ended.state, ended.checkpoint) == ("", "complete", True)
    assert [(step, metrics["accuracy"]) for step, metrics in steps(lab)] == [(2, 0.25), (4, 0.25), (5, 1.0)]


async def test_a_script_that_reports_is_stopped_at_its_report_and_cleans_up(lab: Lab) -> None:
    lab.options["grace_s"] = 60.0
    await open_script(
        lab,
        REPORTING
        + "try:\n    for k in range(1, 1000):\n        report(accuracy=k)\nfinally:\n    print('tidy', k)",
        metrics={},
    )
    lab.on_report = lambda fact: lab.halt(state="pruned") if fact.step == 2 else None
    lab.launch()
    assert (await lab.ended()).state == "pruned"
    assert "tidy 2" in lab.log()


async def test_a_script_that_never_reports_has_no_metric(lab: Lab) -> None:
    ended = await run_script(lab, "print('hi')", metrics={})
    assert ended.reason == "no metric"
    assert "the program never called report(accuracy=...)" in ended.error


async def test_many_lines_are_read_without_waiting_for_each_verdict(lab: Lab) -> None:
    lab.acknowledges = False
    began = time.monotonic()
    ended = await run_script(lab, "for k in range(2000):\n    print(f'acc={k}')")
    assert ended.state == "complete"
    assert [step for step, _ in steps(lab)] == list(range(1, 2001))
    assert time.monotonic() - began < 60


async def test_a_resumed_attempt_counts_on_from_its_step(lab: Lab) -> None:
    await open_script(lab, "print('acc=1')")
    lab.launch(attempt=2, resumed_from=7)
    await lab.ended(attempt=2)
    assert [fact.step for fact in lab.of(attempt=2) if isinstance(fact, TrialReported)] == [8]


async def test_a_command_inherits_the_environment_but_no_descriptor(lab: Lab) -> None:
    lab.options["env"] = {"MINE": "yes"}
    await run_script(
        lab,
        "import os\nassert os.environ['MINE'] == 'yes'\nassert os.read(0, 1) == b''\n"
        "print('acc=' + str(len([fd for fd in os.listdir('/proc/self/fd') if int(fd) > 3])))",
    )
    assert steps(lab) == [(1, {"accuracy": 0.0})]
