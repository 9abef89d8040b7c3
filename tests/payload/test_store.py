"""Payloads that share buffers: held while they are needed, and gone when no process needs them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jupyter_tune.errors import PayloadError
from jupyter_tune.payload import packing, places, store
from jupyter_tune.payload.loading import load
from jupyter_tune.payload.packing import Packed, pack, pack_for_trials
from jupyter_tune.payload.store import Hold, sweep_stores
from tests.trial_lab import cell

pytestmark = pytest.mark.usefixtures("bare_notebook")

MEGABYTE = 1 << 20


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place for data."""
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.setenv("JUPYTER_TUNE_DATA_DIR", str(place))
    monkeypatch.setattr(store, "_folders", {})
    return place


def packed(**names: Any) -> Packed:
    return pack_for_trials(cell(names=names))


def held_bytes(place: Path) -> int:
    return sum(path.stat().st_size for path in place.rglob("*") if path.is_file())


def test_studies_share_a_buffer_and_the_last_one_removes_it(place: Path) -> None:
    big = np.random.default_rng(0).random(MEGABYTE)
    first, second = packed(big=big), packed(again=big.copy(), other=np.ones(MEGABYTE))
    assert 16 * MEGABYTE < held_bytes(place) < 17 * MEGABYTE
    first.hold.drop()
    assert (load(second.path)["names"]["again"] == big).all()
    second.hold.drop()
    assert list(place.iterdir()) == []
    assert (load(packed(big=big).path)["names"]["big"] == big).all()


def test_an_array_of_the_same_size_that_differs_at_its_end_is_another(place: Path) -> None:
    one = np.zeros(MEGABYTE)
    other = one.copy()
    other[-1] = 1
    first, second = packed(a=one), packed(a=other)
    assert load(first.path)["names"]["a"][-1] == 0
    assert load(second.path)["names"]["a"][-1] == 1


def test_views_of_one_array_are_written_once_and_stay_views(place: Path) -> None:
    data = np.arange(3.0 * MEGABYTE)
    train, test = data[: 2 * MEGABYTE], data[MEGABYTE:]
    square = data.reshape(3, -1)
    kept = packed(train=train, test=test, square=square, turned=square.T, words=data.view(np.int16)[5:])
    assert held_bytes(place) < 24 * MEGABYTE + 100_000
    names = load(kept.path)["names"]
    assert (names["train"] == train).all()
    assert (names["test"] == test).all()
    assert (names["turned"] == square.T).all()
    assert (names["words"] == data.view(np.int16)[5:]).all()
    assert all(names[name].flags.aligned for name in names)
    names["train"][MEGABYTE] = -1
    assert names["test"][0] == names["square"][1, 0] == -1
    assert data[MEGABYTE] == MEGABYTE


def test_the_size_of_two_views_is_the_memory_that_they_cover() -> None:
    data = np.zeros(3 * MEGABYTE)
    weight = packing.measure(cell(names={"a": data[: 2 * MEGABYTE], "b": data[MEGABYTE:], "c": data}))
    assert [round(weight.sizes[name] / MEGABYTE) for name in ("a", "b", "c")] == [16, 8, 0]


def test_read_only_memory_is_found_too(place: Path) -> None:
    data = np.zeros(MEGABYTE)
    data.flags.writeable = False
    names = load(packed(a=data, b=data[1:]).path)["names"]
    assert held_bytes(place) < 9 * MEGABYTE
    assert not names["b"].flags.writeable


def test_measuring_writes_nothing(place: Path) -> None:
    assert packing.measure(cell(names={"a": np.zeros(MEGABYTE)})).total > 8 * MEGABYTE
    assert list(place.iterdir()) == []


def test_a_payload_that_fails_leaves_no_file_and_removes_none(place: Path) -> None:
    big = np.zeros(MEGABYTE)
    first = packed(big=big)
    with pytest.raises(PayloadError, match="cannot travel"):
        packed(big=big, other=np.ones(MEGABYTE), thing=(k for k in range(3)))
    assert held_bytes(place) < 9 * MEGABYTE
    assert (load(first.path)["names"]["big"] == big).all()


def test_what_a_killed_process_left_is_swept_and_what_another_holds_stays(place: Path) -> None:
    program = (
        "import signal\nimport numpy as np\n"
        "from jupyter_tune.payload.packing import pack_for_trials\n"
        "kept = pack_for_trials({'kind': 'cell', 'names': {'big': np.ones(1_000_000)}})\n"
        "print(kept.path, flush=True)\nsignal.pause()\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        path = Path(process.stdout.readline().strip())
        mine = Hold(path)
        process.send_signal(signal.SIGKILL)
    sweep_stores()
    assert (load(path)["names"]["big"] == 1).all()
    mine.release()
    sweep_stores()
    assert list(place.iterdir()) == []


def test_what_is_being_written_is_not_swept(place: Path) -> None:
    folder = store.folder_in(place)
    with store.new_payload(folder) as (file, _):
        name, _ = store.keep_buffer(folder, [memoryview(b"x" * 100)])
        sweep_stores()
        store.write_footer(file, {"buffers": [[name, 0, 100]]})
    assert (folder / name).read_bytes() == b"x" * 100


def test_a_payload_that_is_gone_cannot_be_held(tmp_path: Path) -> None:
    with pytest.raises(PayloadError, match="is gone"):
        Hold(tmp_path / "gone.pickle")


def test_a_foreign_file_in_the_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    pack(cell(names={"big": np.zeros(MEGABYTE)}), tmp_path).hold.drop()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.txt", "place"]


# where there is room


@pytest.fixture
def rooms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[Path, int]:
    """Three places, and the room in each, to be changed."""
    rooms = {tmp_path / name: 0 for name in ("memory", "disk", "cache")}
    for place in rooms:
        place.mkdir()
    monkeypatch.setattr(packing, "places", lambda: list(rooms))
    monkeypatch.setattr(packing, "usable_bytes", rooms.__getitem__)
    return rooms


def test_the_first_place_with_enough_space_is_used(rooms: dict[Path, int]) -> None:
    memory, disk, cache = rooms
    rooms.update({memory: 4 * MEGABYTE, disk: 7 * MEGABYTE, cache: 100 * MEGABYTE})
    small = packed(a=np.zeros(MEGABYTE // 4))
    assert small.path.is_relative_to(memory)
    assert small.notices == []
    elsewhere = packed(a=np.zeros(MEGABYTE // 4), b=np.ones(MEGABYTE // 2))
    assert elsewhere.path.is_relative_to(disk)
    (said,) = elsewhere.notices
    assert f"(6 MB) are in {disk}, because {memory} has not enough space (4 MB may be used)" in said
    assert "JUPYTER_TUNE_DATA_DIR" in said
    assert packed(a=np.zeros(MEGABYTE)).path.is_relative_to(cache)
    assert packed(text="x" * 50 * MEGABYTE).path.is_relative_to(cache), "also without a single buffer"
    rooms[cache] = 0
    with pytest.raises(PayloadError) as caught:
        packed(a=np.zeros(MEGABYTE))
    told = str(caught.value)
    assert "need 8 MB" in told
    assert f"{disk}: 7 MB may be used" in told
    assert "JUPYTER_TUNE_DATA_DIR" in told


def test_large_bytes_and_strings_are_stored_once_wherever_they_are(rooms: dict[Path, int]) -> None:
    memory, *_ = rooms
    rooms[memory] = 100 * MEGABYTE
    noise, text = os.urandom(2 * MEGABYTE), "ä\udc80b" * MEGABYTE
    first = packed(
        a=noise, b=text, c={"in": [bytearray(noise), noise, np.ones(MEGABYTE)]}, d=memoryview(noise)
    )
    second = packed(other=[bytes(bytearray(noise)), text], small=b"x" * 999)
    # the noise, the text in UTF-8 and the array
    kept = sum(file.stat().st_size for file in memory.rglob("*.buffer"))
    assert kept == (2 + 6 + 8) * MEGABYTE
    assert first.path.stat().st_size + second.path.stat().st_size < 20_000
    assert first.total > 16 * MEGABYTE
    names = load(first.path)["names"]
    assert names["a"] is names["c"]["in"][1]
    assert (names["a"], names["b"], bytes(names["d"])) == (noise, text, noise)
    array, same, ones = names["c"]["in"]
    assert (type(array), array, same, ones.sum()) == (bytearray, noise, noise, MEGABYTE)
    assert load(second.path)["names"] == {"other": [noise, text], "small": b"x" * 999}


def test_a_reused_buffer_needs_no_space(rooms: dict[Path, int]) -> None:
    memory, *_ = rooms
    rooms[memory] = 9 * MEGABYTE
    big = np.zeros(MEGABYTE)
    first = packed(big=big)
    rooms[memory] = MEGABYTE
    assert packed(big=big).path.parent == first.path.parent


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_a_real_place_that_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small, disk = tmp_path / "small", tmp_path / "disk"
    small.mkdir()
    disk.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(small)], check=False)
    if mount.returncode:
        pytest.skip("no mounts here")
    try:
        monkeypatch.setattr(packing, "places", lambda: [small, disk])
        # as if the look at the room had been a moment too early
        monkeypatch.setattr(packing, "usable_bytes", lambda place: 1 << 40)
        assert packed(a=np.zeros(3 * MEGABYTE)).path.is_relative_to(disk)
        assert not list(small.rglob("*.*"))
        assert packed(a=np.zeros(MEGABYTE)).path.is_relative_to(small)
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_most_of_docker_s_small_shared_memory_stays_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JUPYTER_TUNE_DATA_DIR")
    monkeypatch.setattr(places, "SHARED", tmp_path)
    monkeypatch.setattr(places, "_is_memory", lambda place: place == tmp_path)
    monkeypatch.setattr(
        os, "statvfs", lambda place: os.statvfs_result([4096, 4096, 16384, 16384, 16384] + [0] * 5)
    )
    monkeypatch.setattr(places, "available_memory", lambda: 8 << 30)
    assert places.places()[0] == tmp_path
    assert places.usable_bytes(tmp_path) == 32 * MEGABYTE
    monkeypatch.setattr(places, "available_memory", lambda: 64 * MEGABYTE)
    assert places.usable_bytes(tmp_path) == 16 * MEGABYTE
    monkeypatch.setenv("JUPYTER_TUNE_DATA_DIR", str(tmp_path))
    assert places.usable_bytes(tmp_path) > 60 * MEGABYTE, "who names a place means all of it"


@pytest.mark.parametrize("version", [1, 2])
def test_a_container_s_memory_counts(tmp_path: Path, version: int) -> None:
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/meminfo").write_text("MemTotal: 9000 kB\nMemAvailable: 8000 kB\n")
    cgroup = "4:memory:/docker/abc\n0::/\n" if version == 1 else "0::/docker/abc\n"
    (tmp_path / "proc/self/cgroup").write_text(cgroup)
    group = tmp_path / "sys/fs/cgroup" / ("memory" if version == 1 else "")
    group.mkdir(parents=True)
    names = (
        ("memory.limit_in_bytes", "memory.usage_in_bytes")
        if version == 1
        else ("memory.max", "memory.current")
    )
    for name, value in zip(names, ("5000000", "3000000"), strict=True):
        (group / name).write_text(value)
    (group / "memory.stat").write_text("active_file 7\ninactive_file 1000000\n")
    assert places.available_memory(tmp_path) == 3_000_000
    (group / names[0]).write_text("max" if version == 2 else "9223372036854771712")
    assert places.available_memory(tmp_path) == 8_192_000
