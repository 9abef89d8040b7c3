"""Runs the program of a command for one trial.

    program ends with 0      complete; the reports decide
    another exit code        failed, with the last lines of stderr, or of stdout if stderr is empty
    killed by a signal       failed, with the signal; "memory" after an out-of-memory kill
    never a metric           failed "no metric"
    halted                   SIGTERM to its process group at once; a script that is in report() first has
                             SCRIPT_S to end by itself. SIGKILL when the trial's own grace is over

The program's output goes to the trial's log as it is, and its lines to the scraper. What the program leaves
running is killed when the trial ends, as for every trial.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from jupyter_tune.core.events import Metrics
from jupyter_tune.core.folds import Label
from jupyter_tune.core.retries import CRASH, ERROR, MEMORY
from jupyter_tune.trials.channel import NOTHING, Channel
from jupyter_tune.trials.command.handing_over import environment, handed_over
from jupyter_tune.trials.command.log_file import FollowedFile
from jupyter_tune.trials.command.scraper import Lines, Scraper
from jupyter_tune.trials.command.scripts import Scripts
from jupyter_tune.trials.memory import oom_kills
from jupyter_tune.trials.report import RunningTrial
from jupyter_tune.trials.training import NoMetricError
from jupyter_tune.wire.frames import CHUNK

TICK_S = 0.1
"""Seconds between two looks at the log file and at the program itself."""

SCRIPT_S = 3.0
REST_S = 2.0
"""Seconds for reading what an ended program has written."""

_LAST_LINES = 30
_LINE_LIMIT = 1000
_REASON_LIMIT = 200


class CommandError(Exception):
    """The program failed. `reason`: one line; `error`: its last lines; `cause`: see core/retries.py."""

    def __init__(self, reason: str, error: str, cause: str = ERROR):
        super().__init__(reason)
        self.reason = reason
        self.error = error
        self.cause = cause


def run_command(
    command: Mapping[str, Any], metrics: Sequence[str], running: RunningTrial, last_step: int
) -> None:
    """Run `command` (see launch/command.py) to its end.

    Raises: CommandError if it fails, NoMetricError if it ends without a value of each of `metrics`,
        TrialHalted.
    """
    assert running.channel is not None
    assert running.folder is not None
    with Execution(command, running, running.channel, running.folder, last_step) as execution:
        execution.run()
    for metric in metrics:
        if metric not in running.reported:
            raise NoMetricError(_no_metric(command, metric))


class Execution:
    """One run of a program."""

    def __init__(
        self,
        command: Mapping[str, Any],
        running: RunningTrial,
        channel: Channel,
        folder: Path,
        last_step: int,
    ):
        self._running = running
        self._channel = channel
        self._selector = selectors.DefaultSelector()
        self._scraper = Scraper(command["metrics"], command["step_from"], last_step)
        self._scripts = Scripts(self._selector, self._post)
        self._selector.register(channel, selectors.EVENT_READ, self._receive)
        self._last: dict[int, deque[str]] = {1: deque(maxlen=_LAST_LINES), 2: deque(maxlen=_LAST_LINES)}
        self._terminate_at: float | None = None
        self._oom_kills = oom_kills()
        words = [*command["words"], *([command["log_file"]] if command["log_file"] else [])]
        given = handed_over(words, running, folder)
        self._log_lines = Lines()
        self._log_file = FollowedFile(Path(given.pop())) if command["log_file"] else None
        added = {**environment(running), **self._scripts.environment(running, last_step)}
        try:
            self._process = _start(given, {**os.environ, **added})
        except BaseException:
            self._scripts.close()
            raise
        self._open = {1: self._process.stdout, 2: self._process.stderr}
        self._lines = {1: Lines(), 2: Lines()}
        for fd, pipe in self._open.items():
            self._register(fd, pipe)

    def _register(self, fd: int, pipe: IO[bytes] | None) -> None:
        assert pipe is not None
        os.set_blocking(pipe.fileno(), False)
        self._selector.register(pipe, selectors.EVENT_READ, lambda: self._read(fd))

    def __enter__(self) -> Execution:
        return self

    def __exit__(self, *_: object) -> None:
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._scripts.close()
        self._selector.close()

    def run(self) -> None:
        """Until the program has ended. Raises CommandError, or TrialHalted if the trial was halted."""
        while self._process.poll() is None:
            self._turn(TICK_S)
            if all(pipe is None for pipe in self._open.values()):
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(TICK_S)
        # what it wrote before its end; what it left running may write for ever
        until = time.monotonic() + REST_S
        while self._turn(0.0) and time.monotonic() < until:
            continue
        for fd, lines in self._lines.items():
            self._take(fd, lines.end())
        self._scrape(self._log_lines.end())
        self._channel.check()
        if self._process.returncode:
            out_of_memory = oom_kills() > self._oom_kills
            raise failure(self._process.returncode, self._last, out_of_memory=out_of_memory)

    def _turn(self, wait_s: float) -> bool:
        """Handle what has arrived; wait at most `wait_s` for it. Returns whether there was something."""
        ready = self._selector.select(wait_s)
        for key, _ in ready:
            act: Callable[[], None] = key.data
            act()
        added = b"" if self._log_file is None else self._log_file.read()
        self._scrape(self._log_lines.feed(added))
        self._stop_if_halted()
        return bool(ready or added)

    def _read(self, fd: int) -> None:
        """Move output from a pipe to the trial's log, and its lines to the scraper."""
        pipe = self._open[fd]
        assert pipe is not None
        try:
            data = os.read(pipe.fileno(), CHUNK)
        except BlockingIOError:
            return
        if not data:
            self._selector.unregister(pipe)
            pipe.close()
            self._open[fd] = None
            return
        _write(fd, data)
        self._take(fd, self._lines[fd].feed(data))

    def _take(self, fd: int, lines: Sequence[str]) -> None:
        self._last[fd].extend(lines)
        self._scrape(lines)

    def _scrape(self, lines: Sequence[str]) -> None:
        for line in lines:
            for step, metrics in self._scraper.read(line):
                self._scripts.scraped()
                self._post(step, metrics)

    def _post(
        self, step: int, metrics: Metrics, attrs: Mapping[str, Any] = NOTHING, fold: Label | None = None
    ) -> None:
        self._running.reported |= metrics.keys()
        self._channel.post(step, metrics, attrs, self._running.label(fold))

    # the end

    def _receive(self) -> None:
        before = self._channel.acknowledged
        self._channel.receive(0)
        if self._channel.halt is None:  # else the scripts get the halt in place of the acknowledgement
            self._scripts.acknowledged(self._channel.acknowledged - before)

    def _stop_if_halted(self) -> None:
        halt = self._channel.halt
        if halt is None:
            return
        now = time.monotonic()
        if self._terminate_at is None:
            self._selector.unregister(self._channel)  # a lost one would be ready for ever
            self._terminate_at = now + (SCRIPT_S if self._scripts.halt(halt) else 0.0)
        if now >= self._terminate_at:
            self._terminate_at = float("inf")
            self._signal(signal.SIGTERM)

    def _signal(self, number: int) -> None:
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)


def _start(words: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            words,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            process_group=0,
        )
    except (OSError, ValueError) as error:
        reason = f"{words[0]}: cannot be started ({getattr(error, 'strerror', None) or error})"
        raise CommandError(reason, reason) from None


def _write(fd: int, data: bytes) -> None:
    with suppress(OSError):  # the log's reader is gone, and the trial is about to be killed
        while data:
            data = data[os.write(fd, data) :]


def failure(code: int, last: Mapping[int, Sequence[str]], *, out_of_memory: bool) -> CommandError:
    """The error of a program that ended with `code`, as subprocess has it.

    Args: last: the last lines of stdout (1) and stderr (2).
    """
    if code == -signal.SIGKILL and out_of_memory:
        error = "the machine ran out of memory: the program was killed by SIGKILL"
        return CommandError("memory", error, MEMORY)
    cause = ERROR if code > 0 else CRASH
    how = f"exited with code {code}" if code > 0 else f"killed by {signal.Signals(-code).name}"
    lines = [line for line in (last[2] or last[1]) if line.strip()]
    if not lines:
        return CommandError(how, f"{how}; the program printed nothing", cause)
    return CommandError(
        f"{how}: {lines[-1].strip()}"[:_REASON_LIMIT],
        "\n".join([f"{how}; its last lines were:", *(line[-_LINE_LIMIT:] for line in lines)]),
        cause,
    )


def _no_metric(command: Mapping[str, Any], metric: str) -> str:
    pattern = command["metrics"].get(metric)
    if pattern is None:
        return (
            f"no metric: the program never called report({metric}=...); "
            f"call it, or give the regular expression of {metric}"
        )
    where = f"its output or in {command['log_file']}" if command["log_file"] else "its output"
    return f"no metric: no line of {where} matches {pattern!r}, the regular expression of {metric}"
