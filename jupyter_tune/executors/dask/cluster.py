"""Connects to a Dask cluster by what the kernel has sent: an address and its security, plain data.

    {"address": "tls://10.0.0.5:8786", "security": {...} or None}

`security` has the fields of Dask's Security object: paths of PEM files, or their text, as of a temporary one.
Without it, Dask's own configuration counts.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
from typing import Any

from jupyter_tune.errors import OptionError
from jupyter_tune.wire.frames import Message

CONNECT_S = 15.0
"""Seconds in which a scheduler must answer."""

GATEWAY = "gateway://"
"""Addresses of dask-gateway, which brings its own kind of connection and of security."""


def require_dask() -> None:
    """Raises OptionError if Dask is not installed."""
    if importlib.util.find_spec("distributed") is None:
        raise OptionError(
            "on: trials on a cluster need Dask, which is not installed; pip install 'jupyter-tune[dask]'"
        )


async def connect(cluster: Message) -> Any:
    """An asynchronous Client. Raises OptionError if the scheduler does not answer, or refuses."""
    require_dask()
    from distributed import Client

    address = cluster["address"]
    await _require_a_listener(address)
    client = Client(
        address,
        security=_security(address, cluster.get("security")),
        asynchronous=True,
        set_as_default=False,
        timeout=CONNECT_S,
        name="jupyter_tune",
    )
    try:
        await client
    except Exception as error:  # Dask's, tornado's and the system's
        await client.close()
        raise _no_answer(address, error) from None
    return client


async def _require_a_listener(address: str) -> None:
    """Raises OptionError at once where nothing listens; Dask would try again until its time is over.

    Not with TLS, where a scheduler complains of a connection that ends before its handshake.
    """
    kind, _, place = address.partition("://")
    host, _, port = place.rpartition(":")
    if kind == "tcp" and port.isdigit():
        try:
            async with asyncio.timeout(CONNECT_S):
                _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
        except OSError as error:  # a TimeoutError too
            raise _no_answer(address, error) from None
        writer.close()


def _no_answer(address: str, error: Exception) -> OptionError:
    return OptionError(
        f"on: no Dask scheduler answers at {address} ({_in_words(error)}); "
        "start the cluster, or give the address that it shows"
    )


def _security(address: str, fields: Message | None) -> Any:
    if address.startswith(GATEWAY):
        gateway = importlib.import_module("dask_gateway.client")
        return gateway.GatewaySecurity(**(fields or {}))
    from distributed.security import Security

    return None if fields is None else Security(**fields)


def _in_words(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
