"""A study on a SLURMCluster: a Slurm of one node on loopback. Run by `make test-cluster`.

Needs root, munged, slurmctld and slurmd of Debian, and dask-jobqueue. Files, ports and sockets are its own.
"""

from __future__ import annotations

import contextlib
import gc
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from dask_jobqueue.slurm import SLURMCluster

from tests.clusters.study import check

START_S = 30.0

CONFIGURATION = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmctldPort={controller}
SlurmdPort={node}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1
ReturnToService=2
MailProg=/bin/true
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def slurm(folder: Path) -> Iterator[None]:
    """A Slurm whose commands this process finds by SLURM_CONF."""
    for name in ("state", "spool"):
        (folder / name).mkdir()
    key = folder / "munge.key"
    key.write_bytes(secrets.token_bytes(128))
    key.chmod(0o400)
    text = CONFIGURATION.format(
        folder=folder,
        host=socket.gethostname().partition(".")[0],
        controller=free_port(),
        node=free_port(),
        cpus=os.cpu_count(),
    )
    (folder / "slurm.conf").write_text(text)
    os.environ["SLURM_CONF"] = str(folder / "slurm.conf")
    munge = ["munged", "--foreground", "--force", f"--key-file={key}", f"--socket={folder}/munge.socket"]
    munge += [f"--pid-file={folder}/munge.pid", f"--seed-file={folder}/munge.seed"]
    commands = [munge, ["slurmctld", "-D", "-c"], ["slurmd", "-D"]]
    with contextlib.ExitStack() as running:
        for command in commands:
            log = running.enter_context((folder / f"{command[0]}.out").open("wb"))
            process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
            running.callback(process.wait)
            running.callback(process.terminate)
            time.sleep(1)
        _await_idle_node(folder)
        yield


def _await_idle_node(folder: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        seen = subprocess.run(["sinfo", "-h", "-o", "%T"], capture_output=True, text=True, check=False)
        if seen.stdout.strip() == "idle":
            return
        time.sleep(0.5)
    logs = "\n".join(path.read_text(errors="replace") for path in folder.glob("*.log"))
    raise SystemExit(f"Slurm has no idle node after {START_S:g} s: {seen.stdout}{seen.stderr}\n{logs}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, slurm(Path(folder)):
        run(Path(folder))
        gc.collect()  # the keys of the jobs are files in the folder, which go with the cluster


def run(folder: Path) -> None:
    os.chdir(folder)
    cluster = SLURMCluster(
        queue="all",
        cores=1,
        processes=1,
        memory="1GB",
        walltime="00:10:00",
        security=True,
        shared_temp_directory=str(folder),
        protocol="tls://",
        python=sys.executable,
        job_directives_skip=["--mem"],
        scheduler_options={"host": "127.0.0.1", "dashboard": False},
        worker_extra_args=["--host", "127.0.0.1"],
    )
    jobs = min(2, os.cpu_count() or 1)
    with cluster:
        cluster.scale(jobs=jobs)
        check(cluster, folder, slots=jobs)


if __name__ == "__main__":
    main()
