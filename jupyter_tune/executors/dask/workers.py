"""What the driver knows of the cluster's workers: each is asked once, before its first trial."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import jupyter_tune
from jupyter_tune.core.ports import Work
from jupyter_tune.executors.dask import probe
from jupyter_tune.payload.store import PYTHON
from jupyter_tune.wire.frames import Message

PROBE = ".on-a-shared-disk"
ANSWER_S = 60.0
"""Seconds for a worker's answer; importing this package takes some on a cold file system."""

_CALL = "exec(source, module) or module['answer'](asked)"


@dataclass(frozen=True)
class WorkerKind:
    """A worker as it answered.

    name, threads: as Dask has them; `slots`: threads of all workers on that host.
    refusal:       why no trial runs there; "" if they may.
    versions:      of its libraries, where they are not those of this machine.
    shares_files:  whether it sees the study's folder; `has_payload`: whether it sees the payload's file.
    """

    name: str
    threads: int
    slots: int
    refusal: str
    versions: dict[str, str]
    shares_files: bool
    has_payload: bool

    def slot_of(self, local: str) -> str:
        """The name of a slot; `local`: as the worker's own executor names it, local/0. A worker with one
        thread is one slot."""
        return self.name if self.threads == 1 else f"{self.name}/{local.rpartition('/')[2]}"


def question(work: Work) -> tuple[Message, Path]:
    """What workers are asked (probe.py), and a file by which they see that they share the study's folder."""
    probe, token = Path(work.files) / PROBE, secrets.token_hex(16)
    probe.write_text(token)
    status = os.stat(work.payload)
    version = [status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns]
    return {"probe": str(probe), "token": token, "payload": work.payload, "version": version}, probe


class Workers:
    """The cluster's workers, by address.

    Args:
        client: an asynchronous Client.
        asked:  what probe.py takes.
        notice: for users: workers that are refused, or differ from this machine.
    """

    def __init__(self, client: Any, asked: Message, notice: Callable[[str, str], None]):
        self._client = client
        self._asked = {**asked, "python": PYTHON}
        self._notice = notice
        self._answers: dict[str, asyncio.Task[WorkerKind]] = {}
        self._broken: set[str] = set()

    async def ask(self, address: str) -> WorkerKind:
        """What is known of the worker. Raises OSError or TimeoutError if it does not answer."""
        task = self._answers.get(address)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = self._answers[address] = asyncio.create_task(self._ask(address))
        return await asyncio.shield(task)

    def forget(self, address: str) -> None:
        """The worker is gone."""
        task = self._answers.pop(address, None)
        if task is not None:
            task.cancel()

    def refuse(self, address: str, reason: str) -> None:
        """The worker has failed to run trials at all, so it gets no more."""
        self._broken.add(address)
        self._notice(f"worker {address} gets no more trials: {reason}", "error")

    async def usable(self, avoid: Collection[str] = ()) -> list[str] | None:
        """The addresses that a trial may run on; None for any.

        Args: avoid: names of workers that are left out where there are others.
        """
        refused = self._broken | {
            address
            for address, task in self._answers.items()
            if task.done() and not task.cancelled() and not task.exception() and task.result().refusal
        }
        if not refused and not avoid:
            return None
        known = await workers_of(self._client)
        usable = [address for address in known if address not in refused]
        others = [address for address in usable if str(known[address]["name"]) not in avoid]
        return others or usable

    async def lacking(self, resources: Mapping[str, float]) -> str:
        """What a trial takes and no worker has, as a sentence; "" if one has it, or there is no worker."""
        known = await workers_of(self._client)
        if not known or any(room_on(worker, resources) for worker in known.values()):
            return ""
        takes = ", ".join(f"{name}={n:g}" for name, n in resources.items())
        return (
            f"no worker of the cluster has {takes}, which each trial takes: trials wait for one that does, "
            f"as by dask worker --resources '{takes}'"
        )

    async def _ask(self, address: str) -> WorkerKind:
        async with asyncio.timeout(ANSWER_S):
            answer = await self._answer(address)
            known = await workers_of(self._client)
        if address not in known:
            raise OSError(f"{address}: the worker is gone")
        seen = known[address]
        slots = sum(each["nthreads"] for each in known.values() if each["host"] == seen["host"])
        name = str(seen["name"])
        refusal = _refusal(answer)
        if refusal:
            self._notice(f"worker {name} ({address}) gets no trials: {refusal}", "error")
        elif (torch := _other_torch(answer)) is not None:
            self._notice(
                f"worker {name} ({address}) has torch {answer['torch']}, this machine {torch}: "
                "results may differ between them",
                "info",
            )
        versions = {} if _other_torch(answer) is None else {"torch": answer["torch"]}
        return WorkerKind(
            name, seen["nthreads"], slots, refusal, versions, answer["shares_files"], answer["has_payload"]
        )

    async def _answer(self, address: str) -> Message:
        source = {"source": inspect.getsource(probe), "module": {}, "asked": self._asked}
        answers = await self._client.run(eval, _CALL, source, workers=[address])
        if address not in answers:
            raise OSError(f"{address}: the worker is gone")
        answer: Message = json.loads(answers[address])
        return answer


def room_on(worker: Mapping[str, Any], resources: Mapping[str, float]) -> int:
    """How many trials a worker (as of workers_of) can run at once that take `resources` each."""
    has = worker.get("resources") or {}
    room = [int(has.get(name, 0) / each) for name, each in resources.items() if each > 0]
    return min([int(worker["nthreads"]), *room])


async def workers_of(client: Any) -> dict[str, dict[str, Any]]:
    """What the scheduler has of all its workers, by address."""
    known: dict[str, dict[str, Any]] = (await client.scheduler.identity(n_workers=-1))["workers"]
    return known


def _refusal(answer: Message) -> str:
    if answer["python"] != PYTHON:
        return f"it runs Python {answer['python']}, the notebook {PYTHON}; give both the same environment"
    own = jupyter_tune.__version__
    if answer["jupyter_tune"] != own:
        found = answer["jupyter_tune"]
        has = (
            f"cannot import jupyter_tune ({found[6:]})"
            if found[:5] == "none:"
            else f"has jupyter_tune {found}"
        )
        return f"it {has}, the notebook has {own}; install it there: pip install jupyter-tune=={own}"
    return ""


def _other_torch(answer: Message) -> str | None:
    """The version of torch here if it is another one than there."""
    try:
        own = version("torch")
    except PackageNotFoundError:
        return None
    return own if answer["torch"] and answer["torch"] != own else None
