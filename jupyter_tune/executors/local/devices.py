"""The NVIDIA GPUs of this machine, found without torch and without initialising CUDA.

CUDA_VISIBLE_DEVICES, where the user has set it, chooses among them as CUDA reads it:

    GPU-8f6c…, GPU-8f       a GPU by its UUID, or by a prefix of it that fits one GPU only
    MIG-…                   a part of a GPU that is divided by MIG
    0, 2                    by index; the order of nvidia-smi, which is CUDA's where
                            CUDA_DEVICE_ORDER=PCI_BUS_ID or all GPUs are of one kind
    an entry that names no GPU, as -1     ends the list: what comes after it is not seen
    a GPU that is named twice             no GPU is seen
    empty                                 no GPU is seen

FAKE takes the place of the real list, for tests and demonstrations: a number of GPUs (`2`), or the memory of
each in GB (`80,24`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

FAKE = "JUPYTER_TUNE_FAKE_GPUS"
VISIBLE = "CUDA_VISIBLE_DEVICES"

_GB = 10**9


@dataclass(frozen=True, slots=True)
class Gpu:
    """A GPU, or a part of one that MIG made.

    index:  its number in nvidia-smi; `0:1` for the second part of GPU 0.
    memory: in bytes.
    """

    index: str
    uuid: str
    name: str
    memory: int

    @property
    def is_part(self) -> bool:
        return ":" in self.index


@dataclass(frozen=True, slots=True)
class Usage:
    """How busy a GPU is. utilization: percent, None where the driver does not tell; used, memory: bytes."""

    utilization: int | None
    used: int
    memory: int


@dataclass(frozen=True, slots=True)
class Found:
    """The GPUs that trials may use, in CUDA's order. `problem`: why they could not be looked for, or ""."""

    gpus: tuple[Gpu, ...] = ()
    problem: str = ""


def find_gpus(environ: Mapping[str, str] = os.environ) -> Found:
    """The GPUs of this machine that CUDA_VISIBLE_DEVICES shows."""
    if FAKE in environ:
        return Found(visible(_fake(environ[FAKE]), environ.get(VISIBLE)))
    pynvml = _pynvml()
    if pynvml is None:
        return Found()
    try:
        with _driver(pynvml):
            machine = list(_gpus(pynvml))
    except pynvml.NVMLError_LibraryNotFound:
        return Found()
    except pynvml.NVMLError as error:
        return Found(problem=f"the NVIDIA driver does not answer ({error}), so no GPU is used")
    return Found(visible(machine, environ.get(VISIBLE)))


def visible(machine: Sequence[Gpu], chosen: str | None) -> tuple[Gpu, ...]:
    """Those of `machine` that `chosen`, the value of CUDA_VISIBLE_DEVICES, shows; all without one."""
    if chosen is None:
        return tuple(machine)
    shown: list[Gpu] = []
    for entry in chosen.split(","):
        gpu = _named(machine, entry.strip())
        if gpu is None:
            break
        if gpu in shown:
            return ()
        shown.append(gpu)
    return tuple(shown)


def _named(machine: Sequence[Gpu], entry: str) -> Gpu | None:
    if entry.startswith(("GPU-", "MIG-")):
        matching = [gpu for gpu in machine if gpu.uuid.startswith(entry)]
        return matching[0] if len(matching) == 1 else None
    # CUDA reads a number as far as there are digits
    digits = re.match(r"\+?(\d+)", entry)
    index = int(digits[1]) if digits else -1
    return machine[index] if 0 <= index < len(machine) else None


def usage(uuids: Sequence[str], environ: Mapping[str, str] = os.environ) -> dict[str, Usage]:
    """How busy the GPUs of these UUIDs are now; those that the driver cannot tell about are left out."""
    if FAKE in environ:
        return _fake_usage(environ[FAKE], uuids)
    pynvml = _pynvml()
    if pynvml is None or not uuids:
        return {}
    found: dict[str, Usage] = {}
    try:
        with _driver(pynvml):
            for uuid in uuids:
                handle = pynvml.nvmlDeviceGetHandleByUUID(uuid)
                memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
                found[uuid] = Usage(_utilization(pynvml, handle), int(memory.used), int(memory.total))
    except pynvml.NVMLError:
        return found
    return found


def _utilization(pynvml: Any, handle: Any) -> int | None:
    try:
        return int(pynvml.nvmlDeviceGetUtilizationRates(handle).gpu)
    except pynvml.NVMLError:
        return None  # not known for parts of a GPU


def _pynvml() -> Any:
    """NVIDIA's module, imported where it is needed: a trial's process needs none of it."""
    try:
        import pynvml
    except ImportError:
        return None
    return pynvml


@contextmanager
def _driver(pynvml: Any) -> Iterator[None]:
    pynvml.nvmlInit()
    try:
        yield
    finally:
        pynvml.nvmlShutdown()


def _gpus(pynvml: Any) -> Iterator[Gpu]:
    """The GPUs in the order of nvidia-smi; for one that is divided, its parts."""
    for index in range(pynvml.nvmlDeviceGetCount()):
        handle = pynvml.nvmlDeviceGetHandleByIndex(index)
        if not _is_divided(pynvml, handle):
            yield _gpu(pynvml, str(index), handle)
            continue
        for number in range(pynvml.nvmlDeviceGetMaxMigDeviceCount(handle)):
            try:
                part = pynvml.nvmlDeviceGetMigDeviceHandleByIndex(handle, number)
            except pynvml.NVMLError_NotFound:
                continue
            yield _gpu(pynvml, f"{index}:{number}", part)


def _is_divided(pynvml: Any, handle: Any) -> bool:
    try:
        return bool(pynvml.nvmlDeviceGetMigMode(handle)[0])
    except pynvml.NVMLError:
        return False  # a GPU that cannot be


def _gpu(pynvml: Any, index: str, handle: Any) -> Gpu:
    memory = int(pynvml.nvmlDeviceGetMemoryInfo(handle).total)
    return Gpu(
        index, _text(pynvml.nvmlDeviceGetUUID(handle)), _text(pynvml.nvmlDeviceGetName(handle)), memory
    )


def _text(value: str | bytes) -> str:
    # older versions of the module give bytes
    return value.decode() if isinstance(value, bytes) else value


# the fake list


def _fake(text: str) -> list[Gpu]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) == 1 and parts[0].isdigit():
        parts = ["80"] * int(parts[0])
    return [
        Gpu(str(index), f"GPU-{index:08x}-fake", f"fake GPU of {size} GB", int(float(size) * _GB))
        for index, size in enumerate(parts)
    ]


def _fake_usage(text: str, uuids: Sequence[str]) -> dict[str, Usage]:
    """Numbers that differ from GPU to GPU and never change."""
    return {
        gpu.uuid: Usage(34 + 7 * int(gpu.index), gpu.memory // 16, gpu.memory)
        for gpu in _fake(text)
        if gpu.uuid in uuids
    }
