"""Memory moves to huge pages, and stays what it was."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from jupyter_tune.executors.local.huge_pages import HUGE, PAYS_AFTER, STEP, HugePages, huge_ranges

MAPS = """\
555555400000-555555800000 r-xp 00000000 fd:00 77 /usr/bin/python
555555800000-555555c00000 rw-p 00400000 fd:00 77 /usr/bin/python
555556100000-555556700000 rw-p 00000000 00:00 0 [heap]
7ffff6200000-7ffff6400000 rw-s 00000000 00:01 0
7ffff6600000-7ffff66ff000 rw-p 00000000 00:00 0
7ffff6800000-7ffff6a00000 rw-p 00000000 00:00 0
"""

MOVES = """
from pathlib import Path
from jupyter_tune.executors.local.huge_pages import HugePages

def huge_kb():
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("AnonHugePages:")).split()[1])

held = [bytearray(b"x" * 4096) for _ in range(5000)]
before, sums = huge_kb(), [sum(each) for each in held]
pages = HugePages()
pages.begin()
while pages.is_due:
    pages.step()
assert [sum(each) for each in held] == sums
print(huge_kb() - before)
"""


def test_only_whole_huge_pages_of_private_memory_without_a_file_are_moved(tmp_path: Path) -> None:
    maps = tmp_path / "maps"
    maps.write_text(MAPS)
    assert list(huge_ranges(maps)) == [(0x555556200000, 2 * HUGE), (0x7FFFF6800000, HUGE)]


def test_a_large_range_is_moved_in_steps(tmp_path: Path) -> None:
    maps = tmp_path / "maps"
    maps.write_text(f"{HUGE:x}-{(STEP + 4) * HUGE:x} rw-p 00000000 00:00 0\n")
    assert list(huge_ranges(maps)) == [(HUGE, STEP * HUGE), ((STEP + 1) * HUGE, 3 * HUGE)]


def test_nothing_is_moved_where_the_system_does_not_tell(tmp_path: Path) -> None:
    assert list(huge_ranges(tmp_path / "maps")) == []


def test_memory_moves_and_keeps_its_content() -> None:
    moved = subprocess.run([sys.executable, "-c", MOVES], capture_output=True, text=True, check=True)
    assert int(moved.stdout) * 1024 >= 4 * HUGE


def test_it_is_due_once_when_enough_trials_have_been_launched() -> None:
    pages = HugePages()
    due = []
    for _ in range(2 * PAYS_AFTER):
        pages.count_launch()
        due.append(pages.is_due)
        pages.is_due = False
    assert [number for number, is_due in enumerate(due, start=1) if is_due] == [PAYS_AFTER]
