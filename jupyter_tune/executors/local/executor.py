"""Runs trials on this machine: the asyncio side of the supervisor.

    launch, halt, acknowledge  ->  frames to the supervisor, in the order of the calls
    facts                      <-  frames from it, posted in the order of their arrival

Every launch gets exactly one `ended`. If the supervisor dies, the operating system kills its trials,
their attempts are lost, and a new supervisor is started, also in place of one that was not ready yet.
After RESTARTS of these in a row, none of whose trials has reported or ended, every launch is lost at
once. A supervisor that gives no sign of life for DEAD_S while attempts run is killed. On Linux, processes
that those trials had put into sessions of their own become children of the driver, which kills them too
(see `alone`).

An attempt first gets a slot (slots.py), where the machine has room for it beside other studies. Until then
the supervisor knows nothing of it, and a halt ends it at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path

from jupyter_tune.core.commands import Halt, Launch
from jupyter_tune.core.encoding import attrs_in, fold_in, metrics_in, number_from_json
from jupyter_tune.core.events import TrialEnded, TrialReported, TrialStarted
from jupyter_tune.core.measurements import as_text
from jupyter_tune.core.ports import Key, TrialFact, Work
from jupyter_tune.core.trial import LOST
from jupyter_tune.errors import TuneError
from jupyter_tune.executors.local.processes import adopt_orphans, kill_group, kill_orphans
from jupyter_tune.executors.local.signs import LOOK_S
from jupyter_tune.executors.local.slots import Slot, Slots, slots_of_study
from jupyter_tune.executors.local.starts import start_method
from jupyter_tune.executors.local.supervisor_process import CLOSE_S, SupervisorProcess
from jupyter_tune.wire.frames import Message

RESTARTS = 10
"""More than a machine that is short of memory kills in a row; where none can start, it takes seconds."""
READY_S = 60.0
DEAD_S = 120.0
"""Seconds; on a busy machine a supervisor may import libraries for half a minute, and reads nothing then."""


class LocalExecutor:
    """Runs attempts as processes on this machine.

    Args:
        supervisor: a warm one; the executor takes it over.
        alone:      this process has no other children than supervisors and `others`, so every other child is
                    an orphan left by one of them, and is killed.
        study:      its name: it shares the machine with other studies, whose users see it. Without one, the
                    caller sees to it that trials find room.
        notice:     is called with what the user should know, and its level.

    Its Work takes the options of the trial program (program.py), and `preload` (modules to import once
    for all trials), `grace_s` (seconds from a halt to SIGTERM), `silent_s` (see signs.py) and `gpus` (see
    slots.py). All are optional.
    """

    def __init__(
        self,
        supervisor: SupervisorProcess | None = None,
        *,
        alone: bool = False,
        study: str | None = None,
        notice: Callable[[str, str], None] = lambda text, level: None,
    ):
        self._supervisor = supervisor
        self._is_alone = alone
        self._study = study
        self._notice = notice
        self._warned = False
        self.on_change: Callable[[], None] = lambda: None
        """Is called after each change of `slots` and `waits_for`."""
        self.others: Callable[[], set[int]] = set
        """The children of this process that it did not start."""
        self._heard = 0.0
        self._watch: asyncio.Task[None] | None = None
        self._cleanup: asyncio.Task[None] | None = None
        self._restarts_left = RESTARTS
        # attempts that have not ended, with their processes' ids once they have started
        self._running: dict[Key, int | None] = {}
        self._slots: Slots | None = None
        self._ready: asyncio.Event = asyncio.Event()
        self._gone: asyncio.Event = asyncio.Event()
        self._is_closing = False
        self._work: Work | None = None
        self._post: Callable[[TrialFact], None] = lambda fact: None

    async def open(
        self, work: Work, post: Callable[[TrialFact], None], adrift: Mapping[Key, int]
    ) -> Collection[Key]:
        self._work, self._post = work, post
        start_method()  # raises where the user has chosen none that there is
        if self._is_alone:
            adopt_orphans()
        if not Path(work.payload).is_file():
            raise TuneError(f"{work.payload}: the data of the study's code is gone; run the cell again")
        Path(work.files).mkdir(parents=True, exist_ok=True)
        self._slots = slots_of_study(self._study, work.options, self._slots_changed)
        preload = list(work.options.get("preload", []))
        if self._supervisor is None:
            self._supervisor = SupervisorProcess(preload)
        else:
            self._supervisor.load(preload)
        if self._supervisor.is_ready:
            self._ready.set()
        self._supervisor.listen(self._receive)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ready.wait(), READY_S)
        if not self._ready.is_set() or self._supervisor is None:
            await self.close()
            raise TuneError("the process that starts the trials does not answer; see its output")
        self._watch = asyncio.create_task(self._watch_supervisor())
        # trials of this machine end with their driver
        return ()

    def launch(self, command: Launch) -> None:
        assert self._slots is not None, "launch before open"
        self._running[command.number, command.attempt] = None
        self._slots.take(command, lambda slot: self._start(command, slot))

    def _start(self, command: Launch, slot: Slot) -> None:
        assert self._work is not None
        if self._supervisor is None:
            asyncio.get_running_loop().call_soon(self._lose_attempts, "no supervisor is left to run it")
            return
        job = {
            "number": command.number,
            "attempt": command.attempt,
            "params": command.params,
            "resumed_from": command.resumed_from,
            "seed": command.seed,
            "timeout_s": command.timeout_s,
            "payload": self._work.payload,
            "files": self._work.files,
            "metric": self._work.metric,
            "options": {
                **self._work.options,
                "env": {**self._work.options.get("env", {}), **slot.env},
                "threads": slot.threads,
            },
        }
        self._heard = asyncio.get_running_loop().time()
        self._send({"type": "launch", "job": job})

    @property
    def slots(self) -> list[Slot]:
        """Those in use."""
        return [] if self._slots is None else list(self._slots.taken.values())

    def waits_for(self) -> str:
        """What trials wait for and who holds it, in words; "" if none waits."""
        return "" if self._slots is None else self._slots.waits_for()

    def _slots_changed(self) -> None:
        if self._slots is not None and self._slots.problem and not self._warned:
            self._warned = True
            problem = self._slots.problem
            self._notice(f"other studies on this machine are not taken into account ({problem})", "error")
        self.on_change()

    def acknowledge(self, fact: TrialFact) -> None:
        if isinstance(fact, TrialReported):
            self._send({"type": "acknowledge", "key": (fact.number, fact.attempt)})

    def halt(self, command: Halt) -> None:
        key = (command.number, command.attempt)
        if not self._withdraw(key, command.state, command.reason):
            self._send({"type": "halt", "key": key, "state": command.state, "reason": command.reason})

    def recall(self, number: int, attempt: int) -> bool:
        if self._slots is None or not self._slots.withdraw((number, attempt)):
            return False
        del self._running[number, attempt]
        return True

    def _withdraw(self, key: Key, state: str, reason: str) -> bool:
        """End an attempt that waits for a slot. False if it does not."""
        if self._slots is None or not self._slots.withdraw(key):
            return False
        self._ended(key, {"state": state, "reason": reason})
        return True

    async def close(self, *, taken_over: bool = False) -> None:
        self._is_closing = True
        if self._watch is not None:
            self._watch.cancel()
        for key in self._slots.waiting if self._slots is not None else ():
            self._withdraw(key, LOST, "the executor was closed")
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is not None:
            if not supervisor.link.lost:
                supervisor.link.send({"type": "close"})
                supervisor.listen(self._receive)
            try:
                await asyncio.wait_for(self._gone.wait(), CLOSE_S)
            except TimeoutError:
                supervisor.process.kill()
            supervisor.stop_listening()
            await supervisor.end()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._kill_orphans(), CLOSE_S)
        self._lose_attempts("the executor was closed")
        if self._slots is not None:
            self._slots.close()

    # the socket

    def _send(self, message: Message) -> None:
        if self._supervisor is not None:
            self._supervisor.send(message)

    def _receive(self, supervisor: SupervisorProcess) -> None:
        self._heard = asyncio.get_running_loop().time()
        for message in supervisor.link.receive():
            self._handle(message)
        if supervisor.link.lost:
            supervisor.stop_listening()
            self._gone.set()
            if not self._is_closing:
                self._replace_supervisor(supervisor)

    async def _watch_supervisor(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK_S)
            runs = any(pid is not None for pid in self._running.values())
            if runs and self._supervisor is not None and loop.time() - self._heard > DEAD_S:
                # its socket ends with it, and another one takes its place
                self._supervisor.process.kill()

    def _handle(self, message: Message) -> None:
        match message["type"]:
            case "ready":
                self._ready.set()
            case "started":
                self._started(tuple(message["key"]), message["pid"])
            case "reported":
                self._restarts_left = RESTARTS
                number, attempt = message["key"]
                told = metrics_in(message), attrs_in(message), fold_in(message)
                self._post(TrialReported(number, attempt, message["step"], *told))
            case "silent":
                self._silent(tuple(message["key"]), message["seconds"])
            case "ended":
                self._restarts_left = RESTARTS
                self._ended(tuple(message["key"]), message)

    def _silent(self, key: Key, seconds: float) -> None:
        self._notice(
            f"trial {key[0]} may hang: for {seconds / 60:.0f} minutes it has neither reported nor printed "
            "anything, nor used the processor; cancel it, or have --trial-timeout end such trials",
            "error",
        )

    # facts

    def _started(self, key: Key, pid: int) -> None:
        assert self._slots is not None
        self._running[key] = pid
        slot = self._slots.taken[key]
        self._post(TrialStarted(*key, slot.name, pid, slot.place))

    def _ended(self, key: Key, message: Message) -> None:
        del self._running[key]
        self._post(
            TrialEnded(
                *key,
                state=message["state"],
                value=number_from_json(message.get("value")),
                metrics=metrics_in(message),
                reason=as_text(message.get("reason", "")),
                error=as_text(message.get("error", "")),
                checkpoint=message.get("checkpoint", False),
                cause=as_text(message.get("cause", "")),
            )
        )
        if self._slots is not None:
            self._slots.give_back(key)

    def _lose_attempts(self, reason: str) -> None:
        """End the attempts that have a slot; those that wait for one are unharmed."""
        for key in list(self._slots.taken) if self._slots is not None else ():
            if (pid := self._running[key]) is not None:
                kill_group(pid)
            self._ended(key, {"state": LOST, "reason": reason})

    def _replace_supervisor(self, dead: SupervisorProcess) -> None:
        """Start a new supervisor in place of a dead one and report its attempts as lost."""
        dead.process.kill()
        dead.process.wait()
        dead.link.close()
        self._supervisor = None
        if self._restarts_left > 0:
            self._restarts_left -= 1
            self._gone.clear()
            self._supervisor = SupervisorProcess(dead.loaded, dead.environ)
            self._supervisor.listen(self._receive)
        else:
            # `open` waits no longer
            self._ready.set()
        # asyncio holds its tasks only weakly
        self._cleanup = asyncio.create_task(self._kill_orphans())
        self._lose_attempts(f"the supervisor died (status {dead.process.returncode})")

    async def _kill_orphans(self) -> None:
        """Kill the orphans of a dead supervisor. Each may leave orphans of its own, hence the loop."""
        while self._is_alone and kill_orphans(self._living()):
            await asyncio.sleep(0.005)

    def _living(self) -> set[int]:
        supervisors = set() if self._supervisor is None else {self._supervisor.process.pid}
        return supervisors | self.others()
