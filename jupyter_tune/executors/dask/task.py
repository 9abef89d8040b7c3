"""What Dask itself runs on a worker: the task of an attempt, and the hand-over to another driver.

    driver    submits run_attempt(TERM, NONCE), and knows which attempt the nonce stands for
    worker    claims the nonce, and is sent the attempt; or is told that the nonce is void

The task occupies a slot of its worker until the end of the attempt is recorded. A nonce is granted to the
first that claims it. So if Dask runs a task again by itself, because its worker was lost or its result was
wanted a second time, the second run is void and ends at once: an attempt never has two curves.

The task waits on the worker's event loop and needs no thread. It returns nothing and raises nothing: what
happened travels as messages (host.py). An exception or a result of a task would be unpickled by the driver.
"""

from __future__ import annotations

import json
import sys
from typing import Any


def key_of(nonce: str) -> str:
    """The key of the task, for users to see on Dask's dashboard; the part before the nonce groups them."""
    return f"jupyter_tune-trial-{nonce}"


async def run_attempt(study: str, number: int, topic: str, nonce: str) -> None:
    """Run on a worker until the attempt of `nonce` has ended, or is void. The others: see Term."""
    from distributed import get_worker

    from jupyter_tune.executors.dask.host import host_on

    worker: Any = get_worker()
    await host_on(worker, study, number, topic).run(nonce)


async def hand_over(asked: dict[str, Any], dask_worker: Any) -> str:
    """Have this worker's hosts of earlier terms obey the term `asked`: study, number, topic.

    Returns: as JSON, of each host: id, before (its topic until now), attempts as [nonce, number, attempt].
    """
    # not imported for this: where it is not loaded there is no host
    hosts = sys.modules.get("jupyter_tune.executors.dask.host")
    return json.dumps(await hosts.hand_over(dask_worker, **asked) if hosts else [])
