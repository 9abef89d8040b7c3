"""Dask clusters on this machine, and executors that run trials there."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import dask
from distributed import LocalCluster

from jupyter_tune.executors.dask.executor import DaskExecutor
from jupyter_tune.executors.dask.workers import WorkerKind, Workers


@contextmanager
def local_cluster(workers: int, threads: int = 1, port: int = 0, **more: Any) -> Iterator[LocalCluster]:
    """A cluster of worker processes under nannies, on loopback; `more`: of LocalCluster's arguments.

    Without the setting its workers sample their stacks 100 times a second.
    """
    with (
        dask.config.set({"distributed.worker.profile.enabled": False}),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=threads,
            processes=True,
            scheduler_port=port,
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0",
            **more,
        ) as cluster,
    ):
        yield cluster


class WithoutSharedFiles(Workers):
    """Workers as on other machines: they see neither the study's folder nor its payload."""

    async def _ask(self, address: str) -> WorkerKind:
        kind = await super()._ask(address)
        return dataclasses.replace(kind, shares_files=False, has_payload=False)


def executor_on(
    cluster: LocalCluster,
    *,
    shares_files: bool = True,
    asks: type[Workers] = Workers,
    notice: Callable[[str, str], None] = lambda text, level: None,
) -> DaskExecutor:
    """Runs trials on `cluster`."""
    executor = DaskExecutor({"address": cluster.scheduler_address, "security": None}, notice)
    executor.asks = asks if shares_files else WithoutSharedFiles
    return executor
