"""What a process may use, read from the files that Linux gives it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_tune.executors.local import machine


def a_group(root: Path, groups: str, **settings: str) -> Path:
    """A machine whose process is in `groups`; `settings`: file below sys/fs/cgroup -> text."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(groups)
    for name, text in settings.items():
        path = root / "sys/fs/cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("quota", "cores"),
    [("max 100000", 64), ("400000 100000", 4), ("150000 100000", 1), ("50000 100000", 1), ("75000 25000", 3)],
)
def test_a_container_s_quota_limits_the_cores(tmp_path, monkeypatch, quota, cores):
    monkeypatch.setattr(machine, "cpus", lambda: frozenset(range(64)))
    assert machine.cores(a_group(tmp_path, "0::/\n", **{"cpu.max": quota})) == cores


def test_the_smallest_quota_of_all_groups_around_counts(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "cpus", lambda: frozenset(range(64)))
    files = {"cpu.max": "9 1", "user/cpu.max": "5 1", "user/me/cpu.max": "7 1"}
    assert machine.cores(a_group(tmp_path, "0::/user/me\n", **files)) == 5


def test_the_first_version_of_groups_is_read_too(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "cpus", lambda: frozenset(range(64)))
    root = a_group(
        tmp_path,
        # the path is the host's: in the container only the top is there
        "5:memory:/docker/1f\n3:cpu,cpuacct:/docker/1f\n",
        **{"cpu/cpu.cfs_quota_us": "300000\n", "memory/memory.limit_in_bytes": "1000000\n"},
    )
    assert machine.cores(root) == 3
    assert machine.memory(root) == 1_000_000


def test_no_quota_in_the_first_version_is_minus_one(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "cpus", lambda: frozenset(range(8)))
    root = a_group(tmp_path, "3:cpu,cpuacct:/\n", **{"cpu/cpu.cfs_quota_us": "-1\n"})
    assert machine.cores(root) == 8


def test_without_groups_the_processors_count(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "cpus", lambda: frozenset({3, 5}))
    assert machine.cores(tmp_path) == 2
    assert machine.memory(tmp_path) > 1 << 28


def test_the_affinity_of_the_process_counts():
    code = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "from jupyter_tune.executors.local.machine import cores; print(cores())"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(shown.stdout) == 1
    assert machine.cpus() == os.sched_getaffinity(0)


@pytest.mark.parametrize(("cores", "gigabytes", "workers"), [(64, 16, 16), (8, 512, 8), (4, 0.5, 1)])
def test_the_default_is_a_trial_for_each_core_that_has_memory(monkeypatch, cores, gigabytes, workers):
    monkeypatch.setattr(machine, "cores", lambda: cores)
    monkeypatch.setattr(machine, "memory", lambda: int(gigabytes * 2**30))
    assert machine.default_workers() == workers
