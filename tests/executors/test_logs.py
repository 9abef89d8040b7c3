from __future__ import annotations

import errno
import io
from pathlib import Path
from typing import Any

from jupyter_tune.executors.local.logs import CappedLog


def test_the_head_and_the_latest_stay(tmp_path: Path) -> None:
    path = tmp_path / "a" / "log"
    log = CappedLog(path, head=1000, tail=1000)
    for k in range(1000):
        log.write(f"line {k:04}\n".encode())
        assert path.stat().st_size <= 2000
    log.close()
    text = path.read_text()
    assert text.startswith("line 0000\n")
    assert text.endswith("line 0999\n")
    assert text.count("bytes left out") == 1


def test_one_huge_write_is_capped(tmp_path: Path) -> None:
    log = CappedLog(tmp_path / "log", head=1000, tail=1000)
    log.write(b"a" + b"x" * 100_000 + b"z")
    log.close()
    text = (tmp_path / "log").read_text()
    assert (len(text) <= 2000, text[0], text[-1]) == (True, "a", "z")


def test_a_folder_that_cannot_be_made_loses_the_output_only() -> None:
    log = CappedLog(Path("/proc/nowhere/log"))
    log.write(b"lost")
    log.close()
    assert not Path("/proc/nowhere").exists()


class FullAtFirst(io.FileIO):
    """Half of the first write fits on the disk."""

    is_full = True

    def write(self, data: Any) -> int:
        if not self.is_full:
            return super().write(data)
        self.is_full = False
        super().write(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_loses_output_and_later_output_follows(tmp_path: Path) -> None:
    log = CappedLog(tmp_path / "log", head=1000, tail=1000)
    log.close()
    log._file = FullAtFirst(tmp_path / "log", "w+")
    log.write(b"half of it")
    log.write(b", and all of this")
    log.close()
    assert (tmp_path / "log").read_bytes() == b"half , and all of this"
