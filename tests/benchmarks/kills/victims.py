"""Who is killed, and what the user does then (docs/faults.md).

trial, supervisor, worker   nothing: the study goes on by itself
driver                      study.resume() in the same notebook, once the handle says "interrupted"; if its
                            cell was still running, the cell again
kernel                      a new kernel, and the cell again with resume
scheduler                   it is started again at the same address, with its workers (cluster.py)
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from jupyter_tune.executors.dask.host import LEASE_S
from tests.benchmarks.kills import training
from tests.benchmarks.kills.scene import Scene
from tests.real_kernel import Kernel

GONE_S = 15.0


@dataclass(frozen=True)
class Victim:
    """`find`: the processes of which one is killed; `go_on`: what the user does, and when they did it;
    `gone_s`: seconds that what belonged to it, or to the study that is over, has to end."""

    name: str
    find: Callable[[Scene], list[int]]
    go_on: Callable[[Scene], float]
    gone_s: float = GONE_S
    on_cluster: bool = False
    has_nannies: bool = False


def _by_itself(scene: Scene) -> float:
    return time.time()


def _restart_scheduler(scene: Scene) -> float:
    now = time.time()
    if scene.cluster is not None:
        scene.cluster.tend()
    return now


def resume_here(scene: Scene) -> float:
    """In the same kernel: the handle where there is one, else the cell."""
    scene.outcome()
    if scene.ended_at is not None:
        return time.time()
    return go_on(scene)


def go_on(scene: Scene) -> float:
    return scene.send(training.RESUME) if scene.has_handle else scene.tune()


def _new_kernel(scene: Scene) -> float:
    scene.kernel.close()
    scene.moved_to(Kernel(scene.folder))
    return time.time() if scene.ended_at is not None else scene.tune()


VICTIMS = {
    victim.name: victim
    for victim in (
        Victim("trial", lambda scene: scene.trials, _by_itself),
        Victim("supervisor", lambda scene: scene.supervisors, _by_itself),
        Victim("driver", lambda scene: scene.drivers, resume_here),
        Victim(
            "Dask study's driver",
            lambda scene: scene.drivers,
            resume_here,
            # its workers keep what served it for a lease
            gone_s=LEASE_S + GONE_S,
            on_cluster=True,
            has_nannies=True,
        ),
        Victim("kernel", lambda scene: [scene.kernel.pid], _new_kernel),
        Victim(
            "Dask worker",
            lambda scene: scene.cluster.workers if scene.cluster else [],
            _by_itself,
            on_cluster=True,
            has_nannies=True,
        ),
        Victim(
            "Dask scheduler",
            lambda scene: [scene.cluster.scheduler] if scene.cluster else [],
            _restart_scheduler,
            on_cluster=True,
        ),
    )
}
