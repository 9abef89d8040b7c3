"""From what a user gives for `on` to what the driver needs to connect: an address and its security.

    tcp://..., tls://...       a scheduler's address
    a path                     a scheduler file, as `dask scheduler --scheduler-file` writes it
    NAME, in a magic           a variable of the notebook that is one of these:
    a Client, a cluster        of any kind that Dask deploys; its address and its security count

Objects stay here: the driver makes its own Client. TLS keys travel on the driver's socket alone, and into no
file. Nothing of Dask is imported.
"""

from __future__ import annotations

import ipaddress
import json
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_tune.errors import OptionError

_WAYS = "give a Dask Client or cluster, an address such as tls://host:8786, or a scheduler file"

_LOCAL_ONLY = ("inproc://",)

_FIELDS = (
    "require_encryption",
    "tls_ca_file",
    "tls_ciphers",
    "tls_client_cert",
    "tls_client_key",
)
"""The fields of Dask's Security that a client needs: flags, paths of PEM files or their text."""
_GATEWAY_FIELDS = ("tls_key", "tls_cert")
"""Those of dask-gateway's."""


def cluster_of(
    on: Any, shown: str, *, insecure: bool = False, namespace: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The cluster that `on` names, as executors/dask/cluster.py takes it.

    Args:
        shown:     the option as the user wrote it.
        insecure:  whether connections to other machines may be without TLS.
        namespace: the variables that a name may refer to.

    Raises: OptionError.
    """
    if isinstance(on, str) and namespace is not None and on in namespace:
        shown, on = f"{shown} {on}", namespace[on]
    address, security = _of_text(on, shown) if isinstance(on, str) else _of_object(on, shown)
    if address.startswith(_LOCAL_ONLY):
        raise OptionError(
            f"{shown}: {address} is inside this process, and the study runs in another; "
            "start the cluster with processes, as in LocalCluster(processes=True)"
        )
    if address.startswith("tcp://") and not insecure and not _is_loopback(address):
        way = "--insecure" if shown.startswith("--") else "insecure=True"
        raise OptionError(
            f"{shown}: {address} has no TLS, so everybody who can reach that port can run code on the "
            "cluster and in the study; start the cluster with security=Security.temporary() and "
            f"protocol='tls://', or accept it by {way}"
        )
    return {"address": address, "security": security}


def _of_text(text: str, shown: str) -> tuple[str, None]:
    if "://" in text:
        return text, None
    path = Path(text).expanduser()
    try:
        address = json.loads(path.read_text())["address"]
    except FileNotFoundError:
        raise OptionError(f"{shown}: there is no variable, address or file {text!r}; {_WAYS}") from None
    except OSError as error:
        raise OptionError(f"{shown}: {text}: {error.strerror}; {_WAYS}") from None
    except (ValueError, LookupError, TypeError):
        raise OptionError(f"{shown}: {text} is no scheduler file of Dask; {_WAYS}") from None
    return str(address), None


def _of_object(on: Any, shown: str) -> tuple[str, dict[str, Any] | None]:
    # a Client has a scheduler, a cluster has its address; both know their security
    address = getattr(on, "scheduler_address", None) or getattr(
        getattr(on, "scheduler", None), "address", None
    )
    kind = type(on).__name__
    if not hasattr(on, "scheduler_address") and not hasattr(on, "scheduler_info"):
        raise OptionError(f"{shown}: {on!r} ({kind}) is no cluster; {_WAYS}")
    if not isinstance(address, str) or "://" not in address:
        raise OptionError(
            f"{shown}: this {kind} is not connected to a scheduler; start it, or make a new one"
        )
    security = getattr(on, "security", None)
    if security is None:
        return address, None
    fields = _GATEWAY_FIELDS if address.startswith("gateway://") else _FIELDS
    values = {name: getattr(security, name, None) for name in fields}
    return address, {name: value for name, value in values.items() if value is not None}


def _is_loopback(address: str) -> bool:
    host = address.partition("://")[2].rpartition(":")[0].strip("[]")
    with suppress(OSError, ValueError):
        found = {info[4][0] for info in socket.getaddrinfo(host, None)}
        return all(ipaddress.ip_address(each).is_loopback for each in found)
    return False
