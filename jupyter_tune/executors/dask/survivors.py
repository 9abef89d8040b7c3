"""Hosts that still run trials for an earlier driver of the study, and go over to this one.

    driver    runs hand_over on each worker, with its term
    host      goes over to the queues of that term, and answers which attempts it has    (host.py)
    driver    sends of each attempt: keep, with how many facts of it are recorded; or void
    host      sends the facts after those again, and the files of the trial

A worker that does not answer within HAND_OVER_S is left out. If its host goes over later, nothing is kept
there, and its trials end.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from jupyter_tune.core.ports import Key
from jupyter_tune.executors.dask.task import hand_over
from jupyter_tune.executors.dask.term import Term
from jupyter_tune.executors.dask.workers import workers_of

HAND_OVER_S = 10.0


@dataclass(frozen=True)
class Survivor:
    """A host. `before`: the topic of its earlier term; `attempts`: by their nonces."""

    id: str
    address: str
    before: str
    attempts: dict[str, Key]


async def survivors(client: Any, term: Term) -> list[Survivor]:
    """The hosts of earlier terms, which obey `term` from now on."""
    addresses: Collection[str] = ()
    with suppress(OSError):  # the scheduler is gone
        addresses = await workers_of(client)
    found = await asyncio.gather(*(_on(client, address, term) for address in addresses))
    return [survivor for on_a_worker in found for survivor in on_a_worker]


async def _on(client: Any, address: str, term: Term) -> list[Survivor]:
    with suppress(OSError):  # a TimeoutError too: it hangs, or is gone
        async with asyncio.timeout(HAND_OVER_S):
            # a worker that cannot run this has no host of ours
            asked = {"study": term.study, "number": term.number, "topic": term.topic}
            answers = await client.run(hand_over, asked, workers=[address], on_error="ignore")
        return [
            Survivor(
                host["id"],
                address,
                host["before"],
                {nonce: (number, attempt) for nonce, number, attempt in host["attempts"]},
            )
            for host in json.loads(answers.get(address, "[]"))
        ]
    return []
