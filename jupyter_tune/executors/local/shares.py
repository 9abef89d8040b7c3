"""Who may take what of a machine: pure arithmetic over what all studies hold and wait for.

    need     of a trial: cores (a part of one, or several), and whole GPUs or a share of one
    holding  what a running trial has
    ticket   a need that waits, with its turn

First come, first served: the tickets of all studies are served by their turns. One that cannot be served
reserves what it lacks, so that later ones do not take it: cores, or the GPUs that have most room. Then no
ticket waits for ever, and a GPU stays in use that only a later ticket asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

SLACK = 1e-6
"""What may be missing: three thirds of a GPU are one."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a trial needs.

    cores: processors that it keeps busy.
    gpu:   0 for none; a share of one GPU up to 1; or a whole number of GPUs.
    among: UUIDs of the GPUs that would do.
    """

    cores: float
    gpu: float = 0.0
    among: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Holding:
    """What a trial has: `cores`, and of each GPU in `gpus` the share `share`."""

    cores: float
    gpus: tuple[str, ...] = ()
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Ticket:
    turn: int
    need: Need


@dataclass(slots=True)
class Holder:
    """A study's process: what it may use, holds and waits for.

    study, pid: for users, to tell them who holds what.
    cpus:       the processors that it may run on.
    cores:      how many of them it may keep busy.
    """

    study: str
    pid: int
    cpus: frozenset[int]
    cores: float
    holds: dict[str, Holding] = field(default_factory=dict)
    waits: dict[str, Ticket] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Served:
    """What the tickets of a holder get now, and which of them lack cores or GPUs; by their keys."""

    gets: dict[str, Holding]
    lacks_cores: tuple[str, ...]
    lacks_gpus: tuple[str, ...]


def serve(holders: Sequence[Holder], mine: Holder) -> Served:
    """How the tickets of `mine` fare. `mine` is one of `holders`, none of which is changed."""
    taken = [(holder, holding) for holder in holders for holding in holder.holds.values()]
    tickets = [(ticket, key, holder) for holder in holders for key, ticket in holder.waits.items()]
    gets: dict[str, Holding] = {}
    lacks_cores, lacks_gpus = [], []
    for ticket, key, holder in sorted(tickets, key=lambda entry: entry[0].turn):
        need = ticket.need
        room = _room_of(need.among, taken)
        gpus, share = _most_room(need, room), min(1.0, need.gpu)
        has_cores = need.cores <= _free_cores(holder, taken) + SLACK
        has_gpus = len(gpus) == _count(need) and all(room[gpu] + SLACK >= share for gpu in gpus)
        if has_cores and has_gpus:
            holding = Holding(need.cores, gpus, share)
        else:
            holding = Holding(0.0 if has_cores else need.cores, () if has_gpus else gpus)
        taken.append((holder, holding))
        if holder is mine:
            if has_cores and has_gpus:
                gets[key] = holding
            if not has_cores:
                lacks_cores.append(key)
            if not has_gpus:
                lacks_gpus.append(key)
    return Served(gets, tuple(lacks_cores), tuple(lacks_gpus))


def _free_cores(holder: Holder, taken: Iterable[tuple[Holder, Holding]]) -> float:
    """Cores that `holder` could still keep busy, beside what is `taken`.

    Others may run elsewhere too: what they hold counts as far as it cannot lie outside the processors of
    `holder`.
    """
    held: dict[int, tuple[Holder, float]] = {}
    for other, holding in taken:
        held[id(other)] = (other, held.get(id(other), (other, 0.0))[1] + holding.cores)
    return holder.cores - sum(
        max(0.0, cores - len(other.cpus - holder.cpus)) for other, cores in held.values()
    )


def _room_of(gpus: Iterable[str], taken: Iterable[tuple[Holder, Holding]]) -> dict[str, float]:
    """How much of each of `gpus` is free, 1 for all of it."""
    room = dict.fromkeys(gpus, 1.0)
    for _, holding in taken:
        for gpu in holding.gpus:
            if gpu in room:
                room[gpu] -= holding.share
    return room


def _count(need: Need) -> int:
    return 0 if not need.gpu else max(1, int(need.gpu))


def _most_room(need: Need, room: dict[str, float]) -> tuple[str, ...]:
    """The GPUs that a trial gets or waits for, in their order. Those with most room: alone on a GPU, a trial
    is faster."""
    best = sorted(room, key=lambda gpu: -room[gpu])[: _count(need)]
    return tuple(gpu for gpu in room if gpu in best)
