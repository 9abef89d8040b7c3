from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_tune.errors import TuneError
from jupyter_tune.executors.dask.files import Arrivals, Shipment
from jupyter_tune.executors.local.logs import HEAD, CappedLog
from jupyter_tune.wire.frames import Message


class Road:
    """A shipment from one folder to another, and what went over it."""

    def __init__(self, folder: Path):
        self.here, self.there = folder / "here", folder / "there"
        self.here.mkdir()
        self.messages: list[Message] = []
        self.arrivals = Arrivals(self.there)
        self.shipment = Shipment(self.here, self.deliver)

    async def deliver(self, message: Message, body: bytes) -> None:
        self.messages.append(message)
        self.arrivals.take(message, body)

    def write(self, path: str, text: str) -> None:
        (self.here / path).parent.mkdir(parents=True, exist_ok=True)
        (self.here / path).write_text(text)

    def arrived(self, place: str) -> dict[str, str]:
        paths = (path for path in (self.there / place).rglob("*") if path.is_file())
        return {path.relative_to(self.there / place).as_posix(): path.read_text() for path in paths}


@pytest.fixture
def road(tmp_path: Path) -> Road:
    return Road(tmp_path)


async def test_a_folder_arrives_with_its_subfolders_and_empty_files(road):
    files = {"model": "x" * 3_000_000, "deep/er": "y", "empty": ""}
    for path, text in files.items():
        road.write(f"artifacts/{path}", text)
    await road.shipment.send_folder("artifacts")
    assert road.arrived("artifacts") == files


async def test_only_what_has_changed_is_sent_again(road):
    road.write("checkpoints/a", "1")
    road.write("checkpoints/b", "1")
    await road.shipment.send_set("checkpoints")
    road.messages.clear()
    await road.shipment.send_set("checkpoints")
    assert not road.messages
    road.write("checkpoints/b", "22")
    await road.shipment.send_set("checkpoints")
    assert [message["path"] for message in road.messages if message["type"] == "part"] == ["checkpoints/b"]
    assert road.arrived("checkpoints") == {"a": "1", "b": "22"}


async def test_checkpoints_are_replaced_together(road):
    road.write("checkpoints/model", "old")
    road.write("checkpoints/optimizer", "old")
    await road.shipment.send_set("checkpoints")
    road.write("checkpoints/model", "newer")
    road.write("checkpoints/optimizer", "newer")
    arrived = road.arrivals.take
    road.arrivals.take = lambda message, body: None if message["type"] == "set" else arrived(message, body)
    await road.shipment.send_set("checkpoints")
    assert road.arrived("checkpoints") == {"model": "old", "optimizer": "old"}
    arrived(road.messages[-1], b"")
    assert road.arrived("checkpoints") == {"model": "newer", "optimizer": "newer"}


async def test_a_removed_checkpoint_is_removed_at_the_other_end(road):
    road.write("checkpoints/1", "a")
    await road.shipment.send_set("checkpoints")
    (road.here / "checkpoints/1").rename(road.here / "checkpoints/2")
    await road.shipment.send_set("checkpoints")
    assert road.arrived("checkpoints") == {"2": "a"}


async def test_the_remains_of_a_set_that_never_became_whole_are_not_used(road):
    road.arrivals.take({"type": "part", "path": "checkpoints/stale", "at": 0, "last": True}, b"x")
    road.write("checkpoints/model", "a")
    await road.shipment.send_set("checkpoints")
    assert road.arrived("checkpoints") == {"model": "a"}


async def test_a_log_is_the_same_at_both_ends_after_its_middle_was_cut_out(road):
    log = CappedLog(road.here / "attempt-1.log")
    for count in range(30):
        log.write(f"{count:05}\n".encode() * 100_000)
        if count % 7 == 0:
            await road.shipment.send_growth("attempt-1.log")
    log.close()
    await road.shipment.send_growth("attempt-1.log", at_the_end=True)
    assert (road.here / "attempt-1.log").stat().st_size > HEAD
    assert (road.here / "attempt-1.log").read_bytes() == (road.there / "attempt-1.log").read_bytes()


@pytest.mark.parametrize("path", ["../up", "/etc/passwd", "a/../../up", "", "."])
@pytest.mark.parametrize("kind", ["file", "part", "grown"])
def test_nothing_is_written_outside_of_the_folder(road, path, kind):
    with pytest.raises(TuneError, match="below its trial's folder"):
        road.arrivals.take({"type": kind, "path": path, "at": 0, "last": True}, b"x")
    with pytest.raises(TuneError, match="below its trial's folder"):
        road.arrivals.take({"type": "set", "place": "checkpoints", "paths": [path]}, b"")
