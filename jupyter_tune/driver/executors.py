"""Chooses the executor of a study. Dask is imported for a study on a cluster only."""

from __future__ import annotations

from collections.abc import Callable

from jupyter_tune.core.ports import Executor
from jupyter_tune.executors.client.executor import ClientExecutor
from jupyter_tune.executors.local.executor import LocalExecutor
from jupyter_tune.executors.local.supervisor_process import SupervisorProcess
from jupyter_tune.wire.requests import Open


async def executor_for(
    request: Open, supervisor: SupervisorProcess | None, notice: Callable[[str, str], None]
) -> tuple[Executor, int]:
    """The executor for a study, and how many trials it can run at once.

    Args:
        request:    opens the study; its `on` is the cluster, None for this machine.
        supervisor: a warm one of this machine, which the executor takes over or ends.
        notice:     for users: text and level.

    Raises: OptionError if no cluster answers there.
    """
    if request.here:
        return ClientExecutor(), 1
    if request.on is None:
        return LocalExecutor(supervisor, alone=True, study=request.name, notice=notice), 1
    from jupyter_tune.executors.dask.executor import DaskExecutor

    executor = DaskExecutor(request.on, notice)
    slots = await executor.connect(request.options.get("resources"))
    if supervisor is not None:
        # it has checked the payload, and would only hold memory
        await supervisor.end()
    return executor, slots
