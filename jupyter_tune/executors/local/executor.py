"""Trials on this machine: the asyncio face of the supervisor.

    launch, halt, acknowledge  ->  frames down the socket, in the order of the calls
    facts                      <-  frames up, posted in the order of their arrival

For every launch exactly one `ended` is posted. If the supervisor dies, its attempts are lost,
the kernel kills its trials, and a new one takes over; after RESTARTS of these every launch
ends as lost at once. What those trials had started in sessions of their own then comes, on
Linux, to the process that is `alone` with this executor, the driver, which kills it too.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from jupyter_tune.core.commands import Halt, Launch
from jupyter_tune.core.events import TrialEnded, TrialReported, TrialStarted, number_from_json
from jupyter_tune.core.measurements import as_text
from jupyter_tune.core.ports import TrialFact, Work
from jupyter_tune.core.trial import LOST
from jupyter_tune.errors import TuneError
from jupyter_tune.executors.local.processes import adopt_orphans, children, kill_group, kill_tree, reap
from jupyter_tune.wire.frames import Link, Message

RESTARTS = 3
READY_S = 60.0
CLOSE_S = 10.0
CHECK_S = 60.0
"""With all that is to be imported before, on a busy machine."""

# -P: no file of the user's folder shadows a library; the package is found where it is, also uninstalled
_PACKAGES = Path(__file__).parents[3]
_MAIN = (
    "import sys; sys.path.append(sys.argv.pop(1)); "
    "from jupyter_tune.executors.local.supervisor import main; main()"
)

Key = tuple[int, int]


class SupervisorHandle:
    """A supervisor process, and our end of its socket. It ends when the socket does."""

    def __init__(self, preload: Sequence[str] = ()):
        ours, theirs = socket.socketpair()
        self.loaded: list[str] = []
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-c", _MAIN, str(_PACKAGES), str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self.link = Link(ours)
        self.is_ready = False
        self.load(preload)

    def load(self, modules: Sequence[str]) -> None:
        """Have it import those of `modules` that it has not been asked for yet."""
        more = [name for name in modules if name not in self.loaded]
        if more:
            self.loaded += more
            self.link.send({"kind": "preload", "modules": more})

    async def check(self, payload: str, options: Message) -> tuple[str, list[str]]:
        """Load `payload` once, in a process like a trial's: what went wrong there, "" for nothing; and
        what else there is to say, a sentence each.

        Also "" if it takes longer than CHECK_S, with all that is to be imported before, or if the
        supervisor dies: that is then met by the first trial. To be called before an executor has it.
        """
        self.link.send({"kind": "check", "job": {"number": 0, "payload": payload, "options": options}})
        loop = asyncio.get_running_loop()
        heard = asyncio.Event()
        loop.add_reader(self.link, heard.set)
        try:
            async with asyncio.timeout(CHECK_S):
                while not self.link.lost:
                    await heard.wait()
                    heard.clear()
                    self.link.flush()
                    for message in self.link.receive():
                        self.is_ready = self.is_ready or message["kind"] == "ready"
                        if message["kind"] == "checked":
                            return str(message["error"]), list(message["notices"])
        except TimeoutError:
            return "", []
        finally:
            loop.remove_reader(self.link)
        return "", []

    async def end(self) -> None:
        """Wait for its end, by force if need be. Trials of a killed supervisor die with it."""
        self.link.close()
        loop = asyncio.get_running_loop()
        until = loop.time() + CLOSE_S
        while self.process.poll() is None:
            if loop.time() > until:
                self.process.kill()
            await asyncio.sleep(0.005)


def warm(preload: Sequence[str] = ()) -> SupervisorHandle:
    """Start a supervisor that imports `preload`, before it is known what the trials will be."""
    return SupervisorHandle(preload)


class _Running:
    """An attempt that was launched and has not ended."""

    def __init__(self, slot: int):
        self.slot = slot
        self.pid: int | None = None


class LocalExecutor:
    """Runs attempts as processes of this machine.

    `supervisor`: one that is warm already; it is this executor's from now on.
    `alone`: this process has no children but supervisors, so that any other is an orphan of theirs.

    Options of its Work, all optional: those of the trial program (program.py), and
    `preload` (modules to import once for all trials), `grace_s` (from a halt to SIGTERM).
    """

    def __init__(self, supervisor: SupervisorHandle | None = None, *, alone: bool = False):
        self._supervisor = supervisor
        self._is_alone = alone
        self._burial: asyncio.Task[None] | None = None
        self._restarts_left = RESTARTS
        self._running: dict[Key, _Running] = {}
        self._ready: asyncio.Event = asyncio.Event()
        self._gone: asyncio.Event = asyncio.Event()
        self._is_closing = False
        self._work: Work | None = None
        self._post: Callable[[TrialFact], None] = lambda fact: None

    async def open(self, work: Work, post: Callable[[TrialFact], None]) -> None:
        self._work, self._post = work, post
        if self._is_alone:
            adopt_orphans()
        if not Path(work.payload).is_file():
            raise TuneError(f"{work.payload}: the data of the study's code is gone; run the cell again")
        Path(work.files).mkdir(parents=True, exist_ok=True)
        preload = list(work.options.get("preload", []))
        if self._supervisor is None:
            self._supervisor = warm(preload)
        else:
            self._supervisor.load(preload)
        if self._supervisor.is_ready:
            self._ready.set()
        self._listen(self._supervisor)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ready.wait(), READY_S)
        if not self._ready.is_set() or self._supervisor is None:
            await self.close()
            raise TuneError("the process that starts the trials has not answered; its output says why")

    def launch(self, command: Launch) -> None:
        assert self._work is not None, "launch before open"
        taken = {running.slot for running in self._running.values()}
        slot = next(index for index in range(len(taken) + 1) if index not in taken)
        self._running[command.number, command.attempt] = _Running(slot)
        if self._supervisor is None:
            asyncio.get_running_loop().call_soon(self._lose, "no supervisor is left to run it")
            return
        job = {
            "number": command.number,
            "attempt": command.attempt,
            "params": command.params,
            "resumed_from": command.resumed_from,
            "seed": command.seed,
            "payload": self._work.payload,
            "files": self._work.files,
            "metric": self._work.metric,
            "options": {**self._work.options, "workers": command.workers},
        }
        self._send({"kind": "launch", "job": job})

    def acknowledge(self, fact: TrialFact) -> None:
        if isinstance(fact, TrialReported):
            self._send({"kind": "acknowledge", "key": (fact.number, fact.attempt)})

    def halt(self, command: Halt) -> None:
        key = (command.number, command.attempt)
        self._send({"kind": "halt", "key": key, "state": command.state, "reason": command.reason})

    async def close(self) -> None:
        self._is_closing = True
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is not None:
            if not supervisor.link.lost:
                supervisor.link.send({"kind": "close"})
                self._listen(supervisor)
            try:
                await asyncio.wait_for(self._gone.wait(), CLOSE_S)
            except TimeoutError:
                supervisor.process.kill()
            self._deafen(supervisor)
            await supervisor.end()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._bury_orphans(), CLOSE_S)
        self._lose("the executor was closed")

    # the socket

    def _listen(self, supervisor: SupervisorHandle) -> None:
        asyncio.get_running_loop().add_reader(supervisor.link, self._hear, supervisor)
        self._send_rest(supervisor)

    def _deafen(self, supervisor: SupervisorHandle) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(supervisor.link)
        loop.remove_writer(supervisor.link)

    def _send(self, message: Message) -> None:
        if self._supervisor is not None:
            self._supervisor.link.send(message)
            self._send_rest(self._supervisor)

    def _send_rest(self, supervisor: SupervisorHandle) -> None:
        if supervisor.link.has_unsent:
            asyncio.get_running_loop().add_writer(supervisor.link, self._flush, supervisor)

    def _flush(self, supervisor: SupervisorHandle) -> None:
        supervisor.link.flush()
        if not supervisor.link.has_unsent:
            asyncio.get_running_loop().remove_writer(supervisor.link)

    def _hear(self, supervisor: SupervisorHandle) -> None:
        for message in supervisor.link.receive():
            self._take(message)
        if supervisor.link.lost:
            self._deafen(supervisor)
            self._gone.set()
            if not self._is_closing:
                self._replace(supervisor)

    def _take(self, message: Message) -> None:
        match message["kind"]:
            case "ready":
                self._ready.set()
            case "started":
                self._started(tuple(message["key"]), message["pid"])
            case "reported":
                number, attempt = message["key"]
                self._post(TrialReported(number, attempt, message["step"], _metrics(message)))
            case "ended":
                self._ended(tuple(message["key"]), message)

    # facts

    def _started(self, key: Key, pid: int) -> None:
        running = self._running[key]
        running.pid = pid
        self._post(TrialStarted(*key, slot=f"local/{running.slot}", pid=pid))

    def _ended(self, key: Key, message: Message) -> None:
        del self._running[key]
        self._post(
            TrialEnded(
                *key,
                state=message["state"],
                value=number_from_json(message.get("value")),
                metrics=_metrics(message),
                reason=as_text(message.get("reason", "")),
                error=as_text(message.get("error", "")),
                checkpoint=message.get("checkpoint", False),
            )
        )

    def _lose(self, reason: str) -> None:
        for key, running in list(self._running.items()):
            if running.pid is not None:
                kill_group(running.pid)
            self._ended(key, {"state": LOST, "reason": reason})

    def _replace(self, dead: SupervisorHandle) -> None:
        """Go on with a new supervisor in place of one that died."""
        dead.process.kill()
        dead.process.wait()
        dead.link.close()
        self._supervisor = None
        if self._ready.is_set() and self._restarts_left > 0:
            self._restarts_left -= 1
            self._gone.clear()
            self._supervisor = warm(dead.loaded)
            self._listen(self._supervisor)
        # kept: asyncio itself holds its tasks only weakly
        self._burial = asyncio.create_task(self._bury_orphans())
        self._ready.set()
        self._lose(f"the supervisor died (status {dead.process.returncode})")

    async def _bury_orphans(self) -> None:
        """Kill what a dead supervisor left to us, until nothing more comes: each end hands on its own."""
        while orphans := self._orphans():
            for pid in orphans:
                kill_tree(pid)
                reap(pid)
            await asyncio.sleep(0.005)

    def _orphans(self) -> list[int]:
        living = None if self._supervisor is None else self._supervisor.process.pid
        return [pid for pid in children(os.getpid()) if pid != living] if self._is_alone else []


def _metrics(message: Message) -> dict[str, float]:
    found = {as_text(name): number_from_json(value) for name, value in message.get("metrics", {}).items()}
    return {name: value for name, value in found.items() if value is not None}
