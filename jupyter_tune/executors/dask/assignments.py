"""The attempts of a host: a LocalExecutor runs them, and each has a task that waits for its end.

    claimed      its task has asked for the attempt of a nonce; void, if there is none
    launched     the driver has granted it
    ended        the end is sent, after the files; Dask's task returns when the driver has recorded it

A fact is kept until the driver has recorded it, for another driver may need it again. So are the files of an
attempt where they are copied: once its end is recorded the driver has them, and they are removed here, for
the disk of a worker must not hold those of all trials of a study.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import secrets
import shutil
import sys
from collections import deque
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from jupyter_tune.core.commands import Halt, Launch
from jupyter_tune.core.encoding import event_to_json
from jupyter_tune.core.events import TrialEnded, TrialReported
from jupyter_tune.core.ports import Key, TrialFact, Work
from jupyter_tune.core.trial import LOST
from jupyter_tune.executors.dask.copies import Copies
from jupyter_tune.executors.dask.files import Arrivals
from jupyter_tune.executors.dask.line import Line
from jupyter_tune.executors.local.executor import LocalExecutor
from jupyter_tune.executors.local.supervisor_process import SupervisorProcess
from jupyter_tune.payload.store import Hold
from jupyter_tune.trials.environment import THREAD_VARIABLES
from jupyter_tune.trials.files import trial_folder
from jupyter_tune.wire.frames import Message


@dataclasses.dataclass(eq=False)
class Assignment:
    """key:     trial and attempt, once it is launched.
    topic:   of the driver that gets its facts; "" while it is not launched.
    is_void: it is not wanted: it ends, and nothing is reported of it.
    is_done: its end has been sent.
    over:    Dask's task may return.
    facts:   not recorded yet; `recorded`: how many others came before them.
    """

    nonce: str
    key: Key | None = None
    topic: str = ""
    is_void: bool = False
    is_done: bool = False
    over: asyncio.Event = dataclasses.field(default_factory=asyncio.Event)
    facts: deque[TrialFact] = dataclasses.field(default_factory=deque)
    recorded: int = 0

    @property
    def has_ended(self) -> bool:
        return self.over.is_set() or (bool(self.facts) and isinstance(self.facts[-1], TrialEnded))


class Assignments:
    """By their nonces. Args: line: to the driver; scratch: a folder for what is sent here; spawn: has a
    coroutine run."""

    def __init__(self, line: Line, scratch: Path, spawn: Callable[[Coroutine[Any, Any, None]], Any]):
        self._line = line
        self._scratch = scratch
        self._spawn = spawn
        self._all: dict[str, Assignment] = {}
        self._executor = LocalExecutor(SupervisorProcess(environ=_environ()), notice=self._notice)
        self._copies: Copies | None = None
        self._hold: Hold | None = None
        self._is_closing = False
        # trials that the driver has sent checkpoints for, before the attempt that goes on from them
        self._expected: set[int] = set()

    def __iter__(self) -> Any:
        return iter(list(self._all.values()))

    def __bool__(self) -> bool:
        return bool(self._all)

    def claimed(self, nonce: str) -> Assignment:
        self._all[nonce] = Assignment(nonce)
        return self._all[nonce]

    def forget(self, nonce: str) -> None:
        del self._all[nonce]
        if self._copies is not None:
            self._copies.forget(nonce)

    async def open(self, message: Message) -> None:
        """Get ready. Raises TuneError or OSError if trials could not run here."""
        work = Work(**message["work"])
        payload, files = work.payload, work.files
        if message["has_payload"]:
            # attempts that begin after the driver's death still load it
            self._hold = Hold(Path(payload))
        else:
            payload = str(self._scratch / "payload" / Path(payload).name)
        if not message["shares_files"]:
            files = str(self._scratch / "files")
            self._copies = Copies(files, self._deliver)
            self._spawn(self._copies.run())
        options = self._options(work.options)
        work = dataclasses.replace(work, payload=payload, files=files, options=options)
        await self._executor.open(work, self._post, {})

    def _options(self, options: Message) -> Message:
        """The trial program's options on this machine: of the notebook's paths those that exist here."""
        paths = [path for path in options.get("sys_path", []) if os.path.exists(path)]
        cwd = options.get("cwd", "")
        if not os.path.isdir(cwd):
            cwd = str(self._scratch / "work")
            os.makedirs(cwd, exist_ok=True)
        return {**options, "cwd": cwd, "sys_path": list(dict.fromkeys([*paths, *sys.path]))}

    def take_file(self, number: int | None, message: Message, body: bytes) -> None:
        """A part of the payload, or of the checkpoints that an earlier attempt of a trial left."""
        if number is not None:
            self._expected.add(number)
        folder = self._scratch / "payload" if number is None else self._folder_of(number)
        Arrivals(folder).take(message, body)

    def _folder_of(self, number: int) -> Path:
        """Where the files of a trial are, if they are copied."""
        return trial_folder(str(self._scratch / "files"), number)

    # commands

    def launch(self, nonce: str, command: Launch) -> None:
        assignment = self._all.get(nonce)
        if assignment is None or assignment.is_void:
            return
        self._expected.discard(command.number)
        assignment.key, assignment.topic = (command.number, command.attempt), self._line.topic
        if self._copies is not None:
            self._copies.begin(nonce, assignment.key)
        self._executor.launch(command)

    def halt(self, command: Halt) -> None:
        self._executor.halt(command)

    def acknowledge(self, nonce: str) -> None:
        """The oldest fact is recorded."""
        assignment = self._all.get(nonce)
        if assignment is None or not assignment.facts:
            return
        assignment.recorded += 1
        fact = assignment.facts.popleft()
        if isinstance(fact, TrialReported):
            self._executor.acknowledge(fact)
        elif isinstance(fact, TrialEnded):
            assignment.over.set()
            self._remove_files(fact.number)

    def _remove_files(self, number: int) -> None:
        """The driver has the files of an attempt that is over."""
        others = any(each.key is not None and each.key[0] == number for each in self if not each.has_ended)
        folder = self._folder_of(number)
        if self._copies is None or others or number in self._expected or not folder.exists():
            return
        # moved in one step: what comes for the next attempt finds none of it
        aside = self._scratch / "removed"
        aside.mkdir(exist_ok=True)
        moved = folder.rename(aside / secrets.token_hex(8))
        self._spawn(asyncio.to_thread(shutil.rmtree, moved, ignore_errors=True))

    def void(self, nonce: str) -> None:
        """The attempt is not wanted: end it and report nothing."""
        assignment = self._all.get(nonce)
        if assignment is None:
            return
        assignment.is_void = True
        if assignment.key is None or assignment.has_ended:
            assignment.over.set()
        else:
            self._executor.halt(Halt(*assignment.key, state=LOST, reason="it is not wanted any more"))

    def lose(self, assignment: Assignment, reason: str) -> None:
        """End the attempt, and report it as lost."""
        if assignment.key is not None:
            self._executor.halt(Halt(*assignment.key, state=LOST, reason=reason))

    def keep(self, nonce: str, recorded: int) -> None:
        """Another driver wants this attempt, and has `recorded` of its facts: send it the others, and the
        files."""
        assignment = self._all.get(nonce)
        if assignment is None or assignment.key is None:
            return
        assignment.topic = self._line.topic
        while assignment.recorded < recorded and assignment.facts:
            self.acknowledge(nonce)
        if self._copies is not None:
            self._copies.begin(nonce, assignment.key, anew=True)
        for fact in assignment.facts:
            self._pass_on(assignment, fact)

    # facts

    def _post(self, fact: TrialFact) -> None:
        for assignment in self._all.values():
            if assignment.key == (fact.number, fact.attempt):
                assignment.facts.append(fact)
                self._pass_on(assignment, fact)

    def _pass_on(self, assignment: Assignment, fact: TrialFact) -> None:
        if isinstance(fact, TrialEnded):
            self._spawn(self._finish(assignment, fact))
        else:
            self._send(assignment, fact)

    def _send(self, assignment: Assignment, fact: TrialFact) -> None:
        if self._is_heard(assignment):
            self._line.send("fact", nonce=assignment.nonce, event=event_to_json(fact))

    def _is_heard(self, assignment: Assignment) -> bool:
        """Whether the present driver wants to know of it."""
        return assignment.topic == self._line.topic and not assignment.is_void

    async def _deliver(self, nonce: str, message: Message, body: bytes) -> None:
        assignment = self._all.get(nonce)
        if assignment is not None and self._is_heard(assignment):
            await self._line.deliver(body, "file", nonce=nonce, file=message)

    async def _finish(self, assignment: Assignment, ended: TrialEnded) -> None:
        """Send the files and the end."""
        topic = self._line.topic
        try:
            if self._copies is not None:
                await self._copies.finish(assignment.nonce)
            # a driver that took over meanwhile asks for both again
            if topic == self._line.topic:
                self._send(assignment, ended)
                await self._line.flush()
        finally:
            assignment.is_done = True
            if assignment.is_void or self._is_closing:
                assignment.over.set()

    def _notice(self, text: str, level: str) -> None:
        self._line.send("notice", text=text, level=level)

    async def close(self) -> None:
        """End all attempts, and leave no process. Their tasks return when their ends are sent."""
        self._is_closing = True
        await self._executor.close()
        if self._hold is not None:
            self._hold.release()
        for assignment in self._all.values():
            if assignment.is_done or assignment.key is None:
                assignment.over.set()


def _environ() -> dict[str, str]:
    """The worker's environment, without the one thread that Dask's nanny prescribes to all workers: a trial
    gets its share of the machine (trials/environment.py)."""
    import dask

    prescribed = dask.config.get("distributed.nanny.pre-spawn-environ", {})
    return {
        name: value
        for name, value in os.environ.items()
        if name not in THREAD_VARIABLES or value != str(prescribed.get(name))
    }
