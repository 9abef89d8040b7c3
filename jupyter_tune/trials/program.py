"""The trial program: one attempt, from its payload to its end. The same under every executor.

    job      number, attempt, resumed_from, params, seed, payload, files, metric, options
    options  cwd, sys_path, env, threads or workers: all may be absent
    payload  {"kind": "cell", "source", "shown", "filename", "flags", "names", "choices", "inherited"}
             {"kind": "function", "function", "names", "choices", "inherited"}
    choices  parameter -> label -> the name under which the object travels

The code runs in a fresh `__main__`, shared with the notebook's functions: a global that the
cell assigns is the global that they read. How it ends:

    its end, or sys.exit(0)    complete: with its value, else the reports decide
    any other exception        failed, with the traceback, our own frames left out
    no metric in any way       failed "no metric"
    in any of these ways,      what the halt said: code that swallows it changes nothing
    after a halt arrived
    channel lost               cannot be said; the exit code says it: CHANNEL_LOST

Only the process that was started for the trial speaks for it. One that the code forked, and that
comes to the end of the code too, ends there without a word.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jupyter_tune.core.events import number_to_json
from jupyter_tune.payload.notebook_builtins import give as give_builtins
from jupyter_tune.payload.packing import load
from jupyter_tune.payload.preloads import worth_holding
from jupyter_tune.payload.settings.inherited import EARLY, LATE, inherit
from jupyter_tune.trials.files import trial_folder
from jupyter_tune.trials.leaving import end_fork, finish
from jupyter_tune.trials.report import Channel, ChannelLost, Running, TrialHalted, become
from jupyter_tune.trials.surroundings import enter_surroundings, make_reproducible, threads_of
from jupyter_tune.trials.training import NoMetricError, compiled, run_cell, run_function
from jupyter_tune.wire.frames import Message

CHANNEL_LOST = 76
"""Exit code (EX_PROTOCOL) of a trial that could not say how it ended."""

TERMINATED = "killed by SIGTERM"
"""Reason of an end by SIGTERM; whoever sent it knows better why."""

ERROR_LIMIT = 64_000
"""Characters of a traceback that are kept."""

_OUR_FRAMES = str(Path(__file__).parents[1]) + os.sep


def run(fd: int, job: Message) -> int:
    """Run one attempt, speaking over `fd`; the exit code that the process is to end with.

    The process is this attempt's alone: its signals, working directory and `__main__` are changed.
    """
    channel = Channel(fd, job["resumed_from"])
    folder = trial_folder(job["files"], job["number"])
    running = Running(job["number"], job["params"], job["seed"], folder, channel)
    become(running)
    inherited = set(sys.modules)
    _stop_on_sigterm(channel)
    main = fresh_main()
    try:
        outcome = _outcome(job, running, main)
        imported = worth_holding(sys.modules.keys() - inherited)
        if channel.end(outcome, imported) is not outcome and outcome["state"] == "failed":
            # what the code raised after its halt
            print(outcome["error"], file=sys.stderr)
    except ChannelLost:
        return CHANNEL_LOST
    finally:
        finish(main)
    return 0


def _stop_on_sigterm(channel: Channel) -> None:
    def stop(number: int, frame: types.FrameType | None) -> None:
        if channel.is_sending:
            return  # half a frame would spoil the wire; the verdict is met right after it
        raise channel.halt or TrialHalted("failed", TERMINATED)

    def unblock() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})

    def die_of_it() -> None:
        if signal.getsignal(signal.SIGTERM) is stop:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        unblock()

    signal.signal(signal.SIGTERM, stop)
    # processes that the code forks die of it as usual; blocked, since a handler that is on its way
    # in the moment of the fork is forgotten there, and the signal with it
    os.register_at_fork(
        before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM}),
        after_in_parent=unblock,
        after_in_child=die_of_it,
    )


def fresh_main() -> types.ModuleType:
    """An empty `__main__`, which is this process's from now on."""
    main = types.ModuleType("__main__")
    main.__dict__["__builtins__"] = __builtins__
    sys.modules["__main__"] = main
    return main


def _outcome(job: Message, running: Running, main: types.ModuleType) -> Message:
    try:
        value, metrics = _work(job, running, main)
    except ChannelLost:
        raise
    except TrialHalted as halted:
        return halted.outcome()
    except MemoryError as error:
        return _failed("memory", _traceback(error))
    except NoMetricError as error:
        return _failed("no metric", str(error))
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 1
        said = "" if isinstance(leaving.code, int) else f"{leaving.code}\n"
        return _failed(f"exited with code {code}", f"{said}exited with code {code}")
    except BaseException as error:
        text = _traceback(error)
        return _failed(text.rpartition("\n")[2].removeprefix("jupyter_tune.errors.")[:200], text)
    return {
        "state": "complete",
        "value": number_to_json(value),
        "metrics": {name: number_to_json(number) for name, number in metrics.items()},
    }


def _failed(reason: str, error: str) -> Message:
    return {"state": "failed", "reason": reason, "error": error}


def _work(job: Message, running: Running, main: types.ModuleType) -> tuple[float | None, dict[str, float]]:
    """`_run_payload`, from which only the trial's own process returns."""
    own = os.getpid()
    error: BaseException | None = None
    try:
        return _run_payload(job, running, main)
    except BaseException as raised:
        error = raised
        raise
    finally:
        if os.getpid() != own:
            # without a metric a fork has ended as it should
            end_fork(None if isinstance(error, NoMetricError) else error)


def _run_payload(
    job: Message, running: Running, main: types.ModuleType
) -> tuple[float | None, dict[str, float]]:
    """Run the payload; its final value (None: the reports decide) and further metrics."""
    payload, code = prepare(job, main)
    running.params = _with_objects(running.params, payload)
    make_reproducible(running.seed, threads_of(job["options"]))
    inherit(LATE, payload["inherited"])
    if running.channel is not None:
        running.channel.check()
    if code is not None:
        return run_cell(code, job["metric"], running, main)
    return run_function(payload["function"], job["metric"], running)


def prepare(
    job: Message, main: types.ModuleType, loading: Callable[[str], None] = lambda name: None
) -> tuple[Message, types.CodeType | None]:
    """The payload, loaded into `main`, and its code if it is a cell.

    Args: loading: called with the name of each of the user's objects, before it is loaded.
    """
    enter_surroundings(job["number"], job["options"])
    give_builtins()

    def enter(work: Message) -> None:
        sys.argv = [work.get("filename", "")]
        inherit(EARLY, work["inherited"])

    payload = load(job["payload"], main.__dict__, enter, loading)
    return payload, compiled(payload) if payload["kind"] == "cell" else None


def _with_objects(params: Mapping[str, Any], payload: Message) -> dict[str, Any]:
    """The params with the user's own objects in place of their labels, which leave the names."""
    choices = {
        name: {label: payload["names"].pop(key) for label, key in keys}
        for name, keys in payload.get("choices", {}).items()
    }
    return {name: choices[name][value] if name in choices else value for name, value in params.items()}


def _traceback(error: BaseException) -> str:
    """The traceback as text, without our own frames and at most ERROR_LIMIT characters."""
    told = traceback.TracebackException(type(error), error, error.__traceback__, compact=True)
    _leave_out_our_frames(told)
    text = "".join(told.format()).rstrip("\n")
    if len(text) > ERROR_LIMIT:
        half = ERROR_LIMIT // 2
        text = f"{text[:half]}\n[... {len(text) - 2 * half:,} characters left out ...]\n{text[-half:]}"
    return text


def _leave_out_our_frames(told: traceback.TracebackException) -> None:
    told.stack = traceback.StackSummary.from_list(
        [frame for frame in told.stack if not frame.filename.startswith(_OUR_FRAMES)]
    )
    for cause in (told.__cause__, told.__context__):
        if cause is not None:
            _leave_out_our_frames(cause)
