"""The Dask task of an attempt. It occupies a slot of its worker while the attempt runs there.

    driver    submits run_attempt(TOPIC, NONCE), and knows which attempt the nonce stands for
    worker    claims the nonce, and is sent the attempt; or is told that the nonce is void

A nonce is granted to the first that claims it. So if Dask runs a task again by itself, because its worker was
lost or its result was wanted a second time, the second run is void and ends at once: an attempt never has
two curves.

The task waits on the worker's event loop and needs no thread. It returns nothing and raises nothing: what
happened travels as messages (host.py). An exception or a result of a task would be unpickled by the driver.
"""

from __future__ import annotations

from typing import Any


def key_of(nonce: str) -> str:
    """The key of the task, for users to see on Dask's dashboard; the part before the nonce groups them."""
    return f"jupyter_tune-trial-{nonce}"


async def run_attempt(topic: str, nonce: str) -> None:
    """Run on a worker until the attempt of `nonce` has ended, or is void."""
    from distributed import get_worker

    from jupyter_tune.executors.dask.host import host_on

    worker: Any = get_worker()
    await host_on(worker, topic).run(nonce)
