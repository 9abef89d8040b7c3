"""Process trees, looked at from outside."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from jupyter_tune.executors.local.processes import (
    _children_by_parent,
    children,
    descendants,
    is_resource_tracker,
    kill_tree,
)
from tests.processes import is_gone, wait_until

TREE = """
import os, sys, time
if os.fork() == 0:
    os.fork()
print(flush=True)
time.sleep(600)
"""


@pytest.fixture
def tree() -> Iterator[subprocess.Popen[bytes]]:
    """A process with a child and a grandchild."""
    with subprocess.Popen([sys.executable, "-c", TREE], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(3):
            process.stdout.readline()
        yield process
        kill_tree(process.pid)


def test_descendants_are_found_parents_first(tree: subprocess.Popen[bytes]) -> None:
    (child,) = children(tree.pid)
    (grandchild,) = children(child)
    assert descendants(tree.pid) == [child, grandchild]
    assert children(grandchild) == []


def test_kernels_without_lists_of_children_give_the_same(tree: subprocess.Popen[bytes]) -> None:
    assert _children_by_parent(tree.pid) == children(tree.pid)


def test_a_process_that_is_gone_has_no_children() -> None:
    assert children(4_000_000) == []


def test_a_tree_is_killed_with_all_its_processes(tree: subprocess.Popen[bytes]) -> None:
    family = [tree.pid, *descendants(tree.pid)]
    kill_tree(tree.pid)
    wait_until(lambda: all(map(is_gone, family)), "the tree to end")


def test_a_resource_tracker_is_known_and_outlives_its_tree_only_shortly() -> None:
    program = (
        "import time\nfrom multiprocessing import resource_tracker as it\n"
        "it.ensure_running()\nprint(it._resource_tracker._pid, flush=True)\ntime.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        tracker = int(process.stdout.readline())
        try:
            wait_until(lambda: is_resource_tracker(tracker), "the tracker to start")
            own = is_resource_tracker(process.pid)
        finally:
            kill_tree(process.pid)
    assert not own
    # its pipe is closed now
    wait_until(lambda: is_gone(tracker), "the tracker to end")
