"""A study on an SSHCluster: Debian's sshd on loopback, with a key made for it. Run by `make test-cluster`.

Needs sshd, ssh-keygen and asyncssh. Nothing of the machine's own ssh is read or changed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import dask
from distributed import SSHCluster
from distributed.security import Security

from tests.clusters.study import check

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"


@contextlib.contextmanager
def ssh_server(folder: Path) -> Iterator[dict[str, object]]:
    """A server on a free port of loopback that takes one key; gives what asyncssh needs to connect."""
    host_key, key = folder / "host", folder / "key"
    for made in (host_key, key):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", made], check=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    Path("/run/sshd").mkdir(exist_ok=True)
    options = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": host_key,
        "AuthorizedKeysFile": f"{key}.pub",
        "StrictModes": "no",
        "UsePAM": "no",
        "PermitRootLogin": "prohibit-password",
        "PidFile": "none",
    }
    arguments = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    server = subprocess.Popen([SSHD, "-D", "-e", "-f", "/dev/null", *arguments], stderr=subprocess.DEVNULL)
    try:
        yield {"port": port, "known_hosts": None, "client_keys": [str(key)]}
    finally:
        server.terminate()
        server.wait()


def use_temporary_keys() -> None:
    """Make new keys part of Dask's configuration, which the cluster's processes inherit."""
    made, roles = Security.temporary(), ("scheduler", "worker", "client")
    dask.config.set({"distributed.comm.tls.ca-file": made.tls_ca_file})
    for role in roles:
        for kind in ("cert", "key"):
            dask.config.set({f"distributed.comm.tls.{role}.{kind}": getattr(made, f"tls_{role}_{kind}")})


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, ssh_server(Path(folder)) as connection:
        use_temporary_keys()
        cluster = SSHCluster(
            ["127.0.0.1"] * 3,
            connect_options=connection,
            security=Security(),
            scheduler_options={"protocol": "tls://", "host": "127.0.0.1", "dashboard": False},
            worker_options={"nthreads": 1, "protocol": "tls://", "host": "127.0.0.1"},
            remote_python=sys.executable,
        )
        os.chdir(folder)
        with cluster:
            cluster.wait_for_workers(2)
            check(cluster, Path(folder), slots=2)


if __name__ == "__main__":
    main()
