"""The slots of a study on this machine: where its trials run, and those that wait for their turn.

A trial counts for one core; of a study with more workers than cores, for the part with which all of them fit.
So a study that is alone runs all its trials at once, and several together run no more trials than there are
cores. A trial of a study with fewer workers than cores has several threads, and still counts for one core:
else a study of one worker would keep all others waiting.

    slot      local/0, local/1     without GPUs
              gpu/0                all of GPU 0, by nvidia-smi's number; gpu/0:1 for a part that MIG made
              gpu/0/1              the second trial on a part of GPU 0
              gpu/0+1              two GPUs
    place     gpu/0                what the slots of one GPU have in common
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_tune.core.commands import Launch
from jupyter_tune.core.ports import Key
from jupyter_tune.executors.local.devices import VISIBLE
from jupyter_tune.executors.local.leases import Leases, leases_folder
from jupyter_tune.executors.local.machine import cores, cpus
from jupyter_tune.executors.local.shares import SLACK, Holder, Holding, Need

ON_A_PART = {"XLA_PYTHON_CLIENT_PREALLOCATE": "false", "TF_FORCE_GPU_ALLOW_GROWTH": "true"}
"""For trials that share a GPU: JAX and TensorFlow would take nearly all of its memory at once."""

POLL_S = 0.04
"""Seconds between two looks at the leases of others while trials wait."""


@dataclass(frozen=True, slots=True)
class Gpus:
    """The GPUs of a study. among: index -> UUID, of those that its trials may use; each takes `per_trial`."""

    among: dict[str, str]
    per_trial: float

    @property
    def trials(self) -> int:
        """How many trials they hold at once; 0 if trials take none."""
        return trials_on(len(self.among), self.per_trial)


def trials_on(gpus: int, per_trial: float) -> int:
    """How many trials that take `per_trial` fit on `gpus`."""
    if not per_trial:
        return 0
    return int(gpus // per_trial) if per_trial >= 1 else gpus * int(1 / per_trial + SLACK)


@dataclass(frozen=True, slots=True)
class Slot:
    """Where an attempt runs.

    threads: for its numeric libraries.
    gpus:    index -> UUID.
    env:     what its environment needs.
    """

    name: str
    threads: int
    gpus: dict[str, str]
    env: dict[str, str]

    @property
    def place(self) -> str:
        """What the slots of one GPU have in common; "" without GPUs."""
        return f"gpu/{'+'.join(self.gpus)}" if self.gpus else ""


class Slots:
    """Gives slots to attempts, in the order in which they ask, as soon as the machine has room.

    Args:
        leases:      of this study.
        cores:       that it may keep busy.
        gpus:        None where GPUs are not assigned.
        changed:     called after each change of what is taken or waited for, here or in another study.
    """

    def __init__(
        self,
        leases: Leases,
        cores: float,
        gpus: Gpus | None = None,
        changed: Callable[[], None] = lambda: None,
    ):
        self._leases = leases
        self._cores = cores
        self._gpus = gpus
        self._changed = changed
        self._waiting: dict[Key, tuple[Launch, Callable[[Slot], None]]] = {}
        self.taken: dict[Key, Slot] = {}
        self._timer: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> list[Key]:
        """The attempts that wait for a slot."""
        return list(self._waiting)

    @property
    def problem(self) -> str:
        """Why other studies on this machine are not taken into account; "" if they are."""
        return self._leases.problem

    def take(self, command: Launch, ready: Callable[[Slot], None]) -> None:
        """Call `ready` with a slot for `command`: at once if there is room, else as soon as there is."""
        key = (command.number, command.attempt)
        cores = self._cores_of(command)
        # trials that started when there were fewer workers make room
        self._leases.shrink(cores)
        among = self._among(command.avoid)
        gpu = self._gpus.per_trial if self._gpus is not None else 0.0
        self._waiting[key] = (command, ready)
        self._leases.ask(_text(key), Need(cores, gpu, tuple(among.values())))
        self._serve()

    def withdraw(self, key: Key) -> bool:
        """Wait no longer for a slot for this attempt. False if it did not: it has one, or is unknown."""
        if self._waiting.pop(key, None) is None:
            return False
        self._release(key)
        return True

    def give_back(self, key: Key) -> None:
        """The attempt has ended."""
        if self.taken.pop(key, None) is not None:
            self._release(key)

    def close(self) -> None:
        """Give everything back, and wait for nothing."""
        self._waiting.clear()
        self.taken.clear()
        self._leases.close()
        if self._timer is not None:
            self._timer.cancel()

    def waits_for(self) -> str:
        """What trials wait for and who holds it, in words; "" if none waits."""
        served = self._leases.served
        for kind, lacking in (("GPU", served.lacks_gpus), ("core", served.lacks_cores)):
            if self._waiting and lacking:
                waits = "1 trial waits" if len(lacking) == 1 else f"{len(lacking)} trials wait"
                return f"{waits} for a free {kind}; {self._who_holds(kind)}"
        return ""

    def _who_holds(self, kind: str) -> str:
        ours = set() if self._gpus is None else set(self._gpus.among.values())
        found = []
        for other in self._leases.others:
            if kind == "GPU":
                held = float(len(ours & {gpu for holding in other.holds.values() for gpu in holding.gpus}))
            else:
                held = sum(holding.cores for holding in other.holds.values())
            if held:
                found.append(f"study {other.study} (process {other.pid}) holds {round(held, 1):g}")
        return ", ".join(found) or "this study holds all there are"

    # inside

    def _serve(self) -> None:
        for text, holding in self._leases.sync().items():
            key = _key(text)
            command, ready = self._waiting.pop(key)
            self.taken[key] = slot = self._slot(command, holding)
            ready(slot)
        self._plan()
        self._changed()

    def _release(self, key: Key) -> None:
        self._leases.give_back(_text(key))
        self._serve()

    def _plan(self) -> None:
        """Look again after a while, if there is something to wait for."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting or not self._leases.is_published:
            self._timer = asyncio.get_running_loop().call_later(POLL_S, self._serve)

    def _part(self, command: Launch) -> float:
        """The trial's part of the cores."""
        return self._cores / max(command.workers, self._gpus.trials if self._gpus is not None else 0)

    def _cores_of(self, command: Launch) -> float:
        """How many cores it counts for."""
        return min(1.0, self._part(command))

    def _among(self, avoid: Sequence[str]) -> dict[str, str]:
        """The GPUs that an attempt may use, without those of the slots to avoid, unless these are all."""
        gpus = {} if self._gpus is None else self._gpus.among
        avoided = {index for name in avoid for index in _indices(name)}
        return {index: uuid for index, uuid in gpus.items() if index not in avoided} or gpus

    def _slot(self, command: Launch, holding: Holding) -> Slot:
        # in the trial, those that the user has set come first
        threads = max(1, int(self._part(command) + SLACK))
        used = {slot.name for slot in self.taken.values()} | set(command.avoid)
        if self._gpus is None:
            return Slot(_first_free("local/", used), threads, {}, {})
        # with UUIDs, which mean the same whatever is visible; with none, no GPU is
        env = {VISIBLE: ",".join(holding.gpus)}
        if not holding.gpus:
            return Slot(_first_free("local/", used), threads, {}, env)
        gpus = {index: uuid for index, uuid in self._gpus.among.items() if uuid in holding.gpus}
        place = f"gpu/{'+'.join(gpus)}"
        if holding.share >= 1:
            return Slot(place, threads, gpus, env)
        return Slot(_first_free(f"{place}/", used), threads, gpus, env | ON_A_PART)


def slots_of_study(
    study: str | None, options: Mapping[str, Any], changed: Callable[[], None] = lambda: None
) -> Slots:
    """The slots of the study of that name; None: of one that does not share its machine by leases.

    Args: options: of its trials, of which `env` and `gpus` are read: {"among": index -> UUID, "per_trial"}.
        Without `gpus`, none are assigned or hidden.
    """
    given = options.get("gpus")
    gpus = None if given is None else Gpus(dict(given["among"]), float(given["per_trial"]))
    mine = Holder(study or "", os.getpid(), cpus(), cores())
    # the notebook may have set the variable after this process was started
    environ = {**os.environ, **{name: value for name, value in options.get("env", {}).items() if value}}
    leases = Leases(None if study is None else leases_folder(environ), mine)
    return Slots(leases, mine.cores, gpus, changed)


def _first_free(prefix: str, used: set[str]) -> str:
    return next(name for number in itertools.count() if (name := f"{prefix}{number}") not in used)


def _indices(name: str) -> list[str]:
    """The GPUs of a slot."""
    kind, _, rest = name.partition("/")
    return rest.partition("/")[0].split("+") if kind == "gpu" else []


def _text(key: Key) -> str:
    return f"{key[0]}/{key[1]}"


def _key(text: str) -> Key:
    number, attempt = map(int, text.split("/"))
    return number, attempt
