"""The trial program: runs one attempt, from its payload to its outcome. It is the same in every executor.

    job      number, attempt, resumed_from, params, seed, payload, files, metric, options; and for the
             supervisor timeout_s. A process that is started ahead of its trial has no number yet, and gets
             the whole job over its channel before it loads the user's objects
    options  cwd, sys_path, env, threads (1), all optional; also: further metrics that a trial must have;
             repeats: how often the code runs (1), see repeats.py
    payload  {"kind": "cell", "source", "shown", "filename", "flags", "names", "choices", "inherited"}
             {"kind": "function", "function", "names", "choices", "inherited"}
             {"kind": "command", "words", "metrics", "step_from", "log_file", "inherited"}, see command/
    choices  parameter -> label -> the name under which the object travels

The code runs in a fresh `__main__` that it shares with the notebook's functions: they read the globals
that the cell assigns. The outcome:

    end of the code, sys.exit(0)  complete, with the final value, else the value from the reports
    any other exception           failed, with the traceback, without this package's frames
    no metric at all              failed "no metric"
    any of these after a halt     the halt's state and reason, even if the code swallowed the halt
    channel lost                  nothing can be sent; the exit code is CHANNEL_LOST

Only the process that was started for the trial sends its outcome. A process that the code forks and
that also reaches the end of the code exits there without sending anything.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

# reductions and cloudpickle, by which payloads refer to functions: here, once for all trials
import jupyter_tune.payload.pickling  # noqa: F401
from jupyter_tune.payload.command_words import COMMAND
from jupyter_tune.payload.loading import load
from jupyter_tune.payload.notebook_builtins import install_builtins
from jupyter_tune.payload.preloads import preloadable
from jupyter_tune.payload.settings.inherited import EARLY, LATE, inherit
from jupyter_tune.trials.channel import Channel, ChannelLost, TrialHalted
from jupyter_tune.trials.command.running import run_command
from jupyter_tune.trials.environment import make_reproducible, set_up_environment, threads_of
from jupyter_tune.trials.files import trial_folder
from jupyter_tune.trials.outcomes import completed, failed
from jupyter_tune.trials.repeats import run_repeats
from jupyter_tune.trials.report import RunningTrial, set_running
from jupyter_tune.trials.shutdown import end_fork, finish
from jupyter_tune.trials.training import NoMetricError, compile_cell, run_cell, run_function
from jupyter_tune.wire.frames import Message

CHANNEL_LOST = 76
"""Exit code (EX_PROTOCOL) of a trial that could not send its outcome."""

TERMINATED = "killed by SIGTERM"
"""Reason of an end by SIGTERM; the sender's own reason replaces it if there is one."""


def run(fd: int, job: Message) -> int:
    """Run one attempt over the channel `fd`. Returns the exit code of the process.

    Changes `job` if it has no number yet, and the signal handlers, working directory and `__main__` of the
    process.
    """
    channel = Channel(fd)
    running = RunningTrial(channel=channel)
    set_running(running)
    before = len(sys.modules)
    _stop_on_sigterm(channel)
    main = fresh_main()
    try:
        outcome = _outcome(job, running, main)
        # new modules are last. Looking at the others would copy their memory from the supervisor
        imported = preloadable(itertools.islice(reversed(sys.modules), max(0, len(sys.modules) - before)))
        if channel.end(outcome, imported) is not outcome and outcome["state"] == "failed":
            # the code raised this after its halt
            print(outcome["error"], file=sys.stderr)
    except ChannelLost:
        return CHANNEL_LOST
    finally:
        finish(main)
    return 0


def _stop_on_sigterm(channel: Channel) -> None:
    def stop(number: int, frame: types.FrameType | None) -> None:
        if channel.is_sending:
            return  # do not cut a frame in half; the verdict is read right after it
        raise channel.halt or TrialHalted("failed", TERMINATED)

    def unblock() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})

    def restore_default() -> None:
        if signal.getsignal(signal.SIGTERM) is stop:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        unblock()

    signal.signal(signal.SIGTERM, stop)
    # in processes that the code forks, SIGTERM kills as usual. It is blocked during the fork: Python
    # would drop, in the child, a signal whose handler has not run yet
    os.register_at_fork(
        before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM}),
        after_in_parent=unblock,
        after_in_child=restore_default,
    )


def fresh_main() -> types.ModuleType:
    """Make a new empty module the `__main__` of this process."""
    main = types.ModuleType("__main__")
    main.__dict__["__builtins__"] = __builtins__
    sys.modules["__main__"] = sys.modules["__mp_main__"] = main
    return main


def _clear(main: types.ModuleType) -> None:
    main.__dict__.clear()
    main.__dict__.update(types.ModuleType("__main__").__dict__, __builtins__=__builtins__)


def _outcome(job: Message, running: RunningTrial, main: types.ModuleType) -> Message:
    try:
        value, metrics = _work(job, running, main)
    except ChannelLost:
        raise
    except TrialHalted as halted:
        return halted.outcome()
    except BaseException as error:
        return failed(error)
    return completed(value, metrics)


def _work(
    job: Message, running: RunningTrial, main: types.ModuleType
) -> tuple[float | None, dict[str, float]]:
    """Call `_run_payload`; only the trial's own process returns, processes that it forked exit."""
    own = os.getpid()
    error: BaseException | None = None
    try:
        return _run_payload(job, running, main)
    except BaseException as raised:
        error = raised
        raise
    finally:
        if os.getpid() != own:
            # a fork need not produce a metric
            end_fork(None if isinstance(error, NoMetricError) else error)


def _run_payload(
    job: Message, running: RunningTrial, main: types.ModuleType
) -> tuple[float | None, dict[str, float]]:
    """Run the payload. Returns its final value (None: the reports decide) and further metrics."""
    work = [prepare(job, main, begin=lambda: _begin(job, running))]
    params = running.params
    metrics = running.metrics = [job["metric"], *job["options"].get("also", ())]

    def once() -> tuple[float | None, dict[str, float]]:
        if not work:
            # the notebook's objects again, as the first repeat found them
            _clear(main)
            work.append(prepare(job, main))
        payload, code = work.pop()
        running.params = _resolve_choices(params, payload)
        make_reproducible(running.seed, threads_of(job["options"]))
        inherit(LATE, payload["inherited"])
        if running.channel is not None:
            running.channel.check()
        if code is not None:
            return run_cell(code, metrics, running, main)
        if payload["kind"] == COMMAND:
            run_command(payload, metrics, running, 0 if running.repeat else job["resumed_from"])
            return None, {}
        return run_function(payload["function"], metrics, running)

    return run_repeats(job["options"].get("repeats", 1), running, metrics, once)


def _begin(job: Message, running: RunningTrial) -> None:
    """Wait for the rest of the job if this process was started ahead, and make it the trial's."""
    assert running.channel is not None
    if "number" not in job:
        job.update(running.channel.await_job())
    running.number, running.attempt = job["number"], job["attempt"]
    running.params, running.seed = job["params"], job["seed"]
    running.folder = trial_folder(job["files"], job["number"])
    running.channel.last_step = job["resumed_from"]


def prepare(
    job: Message,
    main: types.ModuleType,
    loading: Callable[[str], None] = lambda name: None,
    begin: Callable[[], None] = lambda: None,
) -> tuple[Message, types.CodeType | None]:
    """Load the payload into `main`. Returns it, and its compiled code if it is a cell.

    Args:
        loading: called with the name of each of the user's objects before it is loaded.
        begin:   called before the first of them; `job` is complete when it returns.
    """
    set_up_environment(job["options"])
    install_builtins()

    def enter(work: Message) -> None:
        begin()
        os.environ["JUPYTER_TUNE_TRIAL"] = str(job["number"])
        main.__package__ = work["package"] or None
        sys.argv = [work.get("filename", "")]
        # the user's own objects may be among these, such as built-ins
        inherit(EARLY, work["inherited"])

    payload = load(job["payload"], main.__dict__, enter, loading)
    return payload, compile_cell(payload) if payload["kind"] == "cell" else None


def _resolve_choices(params: Mapping[str, Any], payload: Message) -> dict[str, Any]:
    """The params with labels replaced by the objects that they stand for, which are removed from `names`."""
    choices = {
        name: {label: payload["names"].pop(key) for label, key in keys}
        for name, keys in payload.get("choices", {}).items()
    }
    return {name: choices[name][value] if name in choices else value for name, value in params.items()}
