from __future__ import annotations

from pathlib import Path

import pytest

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


@pytest.mark.parametrize("path", ["/dev/full", "/proc/nowhere/log"])
def test_a_disk_without_room_harms_nobody(path: str) -> None:
    log = CappedLog(Path(path))
    log.write(b"lost")
    log.close()
