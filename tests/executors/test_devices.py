"""GPUs are found as nvidia-smi lists them, and chosen as CUDA chooses them."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
import sys
import types
from typing import Any

import pytest

from jupyter_tune.executors.local import devices
from jupyter_tune.executors.local.devices import FAKE, VISIBLE, Gpu, Usage, find_gpus, usage, visible

MACHINE = [
    Gpu("0", "GPU-aa11-0", "A", 80),
    Gpu("1", "GPU-aa22-1", "A", 80),
    Gpu("2:0", "MIG-bb33-2", "A 1g", 10),
    Gpu("2:1", "MIG-bb44-3", "A 1g", 10),
]


@pytest.mark.parametrize(
    ("chosen", "indices"),
    [
        (None, ["0", "1", "2:0", "2:1"]),
        ("", []),
        ("-1", []),
        ("NoDevFiles", []),
        ("1", ["1"]),
        ("1,0", ["1", "0"]),
        (" 1 , 0 ", ["1", "0"]),
        ("0,-1,1", ["0"]),
        ("0,9,1", ["0"]),
        ("0,,1", ["0"]),
        ("1gpu0", ["1"]),
        ("0,0", []),
        ("GPU-aa22-1", ["1"]),
        ("GPU-aa2,GPU-aa1", ["1", "0"]),
        ("GPU-aa", []),
        ("GPU-aa11-0,GPU-ff,GPU-aa22-1", ["0"]),
        ("MIG-bb44-3", ["2:1"]),
        ("0,GPU-aa1", []),
    ],
)
def test_visible_devices_are_read_as_cuda_reads_them(chosen, indices):
    assert [gpu.index for gpu in visible(MACHINE, chosen)] == indices


def test_the_list_agrees_with_nvidia_smi():
    """On a machine without the driver there is no nvidia-smi, and none are found."""
    smi = shutil.which("nvidia-smi")
    listed = subprocess.run([smi, "-L"], capture_output=True, text=True).stdout if smi else ""
    found = find_gpus({})
    uuids = re.findall(r"UUID: ([^)]+)", listed)
    # of a GPU that is divided, its parts are listed below it
    divided = {above for above, uuid in itertools.pairwise(uuids) if uuid.startswith("MIG")}
    assert [gpu.uuid for gpu in found.gpus] == [
        uuid for uuid in uuids if uuid.startswith("MIG") or uuid not in divided
    ]
    assert not found.problem
    measured = usage([gpu.uuid for gpu in found.gpus], {})
    assert set(measured) == {gpu.uuid for gpu in found.gpus}


def test_a_fake_list_takes_the_place_of_the_real_one():
    gpus = find_gpus({FAKE: "2"}).gpus
    assert [(gpu.index, gpu.memory) for gpu in gpus] == [("0", 80e9), ("1", 80e9)]
    assert [gpu.memory for gpu in find_gpus({FAKE: "80,24"}).gpus] == [80e9, 24e9]
    assert [gpu.index for gpu in find_gpus({FAKE: "3", VISIBLE: "2,0"}).gpus] == ["2", "0"]
    assert find_gpus({FAKE: "0"}).gpus == ()
    measured = usage([gpus[1].uuid], {FAKE: "2"})
    assert measured == {gpus[1].uuid: Usage(41, 5_000_000_000, 80_000_000_000)}


def test_the_module_is_found_without_torch_and_without_cuda():
    code = (
        "import sys; from jupyter_tune.executors.local.devices import find_gpus; find_gpus()\n"
        "print('torch' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "False\n"


# NVIDIA's module with a driver behind it, which this machine may not have


class _Driver(types.SimpleNamespace):
    """Stands in for pynvml: GPU 0 is whole, GPU 1 has a part, GPU 2 is divided and has none."""

    class NVMLError(Exception):
        pass

    class NVMLError_LibraryNotFound(NVMLError):  # noqa: N801, N818 its name in pynvml
        pass

    class NVMLError_NotFound(NVMLError):  # noqa: N801, N818
        pass

    fails: Exception | None = None
    opened = 0

    def nvmlInit(self) -> None:  # noqa: N802
        if self.fails is not None:
            raise self.fails
        self.opened += 1

    def nvmlShutdown(self) -> None:  # noqa: N802
        self.opened -= 1

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return 3

    def nvmlDeviceGetHandleByIndex(self, index: int) -> str:  # noqa: N802
        return f"GPU-{index}"

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> str:  # noqa: N802
        return uuid

    def nvmlDeviceGetMigMode(self, handle: str) -> tuple[int, int]:  # noqa: N802
        if handle == "GPU-0":
            raise self.NVMLError("not supported")
        return 1, 1

    def nvmlDeviceGetMaxMigDeviceCount(self, handle: str) -> int:  # noqa: N802
        return 2

    def nvmlDeviceGetMigDeviceHandleByIndex(self, handle: str, number: int) -> str:  # noqa: N802
        if handle == "GPU-2" or number == 0:
            raise self.NVMLError_NotFound("no such part")
        return f"MIG-{number}"

    def nvmlDeviceGetUUID(self, handle: str) -> bytes:  # noqa: N802
        return handle.encode()

    def nvmlDeviceGetName(self, handle: str) -> str:  # noqa: N802
        return "H200"

    def nvmlDeviceGetMemoryInfo(self, handle: str) -> Any:  # noqa: N802
        return types.SimpleNamespace(total=100, used=30)

    def nvmlDeviceGetUtilizationRates(self, handle: str) -> Any:  # noqa: N802
        if handle.startswith("MIG"):
            raise self.NVMLError("not supported")
        return types.SimpleNamespace(gpu=55)


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> _Driver:
    driver = _Driver()
    monkeypatch.setattr(devices, "_pynvml", lambda: driver)
    return driver


def test_gpus_and_their_parts_are_listed_in_the_order_of_nvidia_smi(driver):
    assert find_gpus({}).gpus == (Gpu("0", "GPU-0", "H200", 100), Gpu("1:1", "MIG-1", "H200", 100))
    assert driver.opened == 0


def test_how_busy_a_part_is_is_not_known(driver):
    assert usage(["GPU-0", "MIG-1"], {}) == {"GPU-0": Usage(55, 30, 100), "MIG-1": Usage(None, 30, 100)}


def test_no_driver_means_no_gpus(driver):
    driver.fails = driver.NVMLError_LibraryNotFound("no library")
    assert find_gpus({}) == devices.Found()


def test_a_driver_that_fails_is_told(driver):
    driver.fails = driver.NVMLError("driver/library version mismatch")
    found = find_gpus({})
    assert not found.gpus
    assert re.search(r"does not answer \(driver/library version mismatch\)", found.problem)
    assert usage(["GPU-0"], {}) == {}
