"""What travels to the trials: packed once by the kernel, loaded by every trial.

    file    pickle streams, one a part, written by one pickler: shared objects stay shared
            footer: JSON {"python", "parts", "buffers"}, then its length in 8 bytes
    parts   the work without what the user made; then, one by one, the user's objects by name
    buffer  BUFFER bytes or more of an array or tensor: a file of its own, named by its content, so
            written once; each trial maps it private and writable, and copies only pages it changes

Only trial processes load, and only what their own kernel packed. A function of the notebook
travels by value and lives in the trial's `__main__`, with the globals that it uses, each under
its own name: so sizes and culprits have the names that the user gave them. numpy and torch are
never imported here, only recognised.
"""

from __future__ import annotations

import hashlib
import io
import json
import mmap
import os
import pickle
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import cloudpickle

from jupyter_tune.errors import PayloadError
from jupyter_tune.executors.travellers import name_of, notebook_globals, parts_of, travellers

BUFFER = 1_000_000
"""Bytes from which a buffer travels by memory map instead of in the pickle."""

_MANY_MAPS = 200
_FOOTER_BYTES = 8
_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True, slots=True)
class Packed:
    """Where the payload is, and what it weighs.

    `sizes`: bytes by name, a thing shared by two names counted with the first of them;
    `total`: bytes of everything; `notices`: what the user should know, a sentence each.
    """

    path: Path
    sizes: dict[str, int]
    total: int
    notices: list[str] = field(default_factory=list)


def pack(work: Mapping[str, Any], folder: Path) -> Packed:
    """Write `work` (see program.py: a cell or a function) into `folder`, for trials to load.

    Raises: PayloadError naming every variable that cannot travel, why, and the way out.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    wanted = travellers(work)
    rest = {name: value for name, value in work.items() if name not in ("names", "function")}
    if "function" in work:
        rest["entry"] = name_of(work["function"])
    handle, path = tempfile.mkstemp(prefix="payload-", suffix=".pickle", dir=folder)
    try:
        with open(handle, "wb") as file:
            buffers = _Buffers(folder)
            pickler = _Pickler(file, buffers.keep)
            sizes: dict[str, int] = {}
            pickler.dump(rest)
            head = file.tell()
            for name, value in wanted.items():
                before = file.tell() + buffers.total
                pickler.name = name
                try:
                    pickler.dump((name, value))
                except OSError:
                    raise
                except Exception as error:
                    raise PayloadError(_complaint(wanted, name, error)) from None
                sizes[name] = file.tell() + buffers.total - before
            footer = {"python": _PYTHON, "parts": len(wanted), "buffers": buffers.names}
            line = json.dumps(footer).encode()
            file.write(line + len(line).to_bytes(_FOOTER_BYTES, "big"))
    except BaseException as error:
        os.unlink(path)
        if isinstance(error, OSError):
            raise PayloadError(
                f"{folder}: {error.strerror}; make room there or choose another folder"
            ) from error
        raise
    return Packed(Path(path), sizes, head + sum(sizes.values()), pickler.notices)


def load(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The work that `pack` wrote. Runs what it holds: for trial processes only.

    Raises: PayloadError if it was packed by another Python or is not whole.
    """
    path = Path(path)
    with path.open("rb") as file:
        footer = _footer(path, file)
        if footer["python"] != _PYTHON:
            raise PayloadError(
                f"{path}: packed by Python {footer['python']}, this is {_PYTHON}; use one of them"
            )
        buffers = (_map(path.parent / name) for name in footer["buffers"])
        _allow_files(len(footer["buffers"]))
        file.seek(0)
        unpickler = pickle.Unpickler(file, buffers=buffers)
        work: dict[str, Any] = unpickler.load()
        names = dict(unpickler.load() for _ in range(footer["parts"]))
    if "entry" in work:
        work["function"] = names[work.pop("entry")]
    work["names"] = names
    return work


def _footer(path: Path, file: BinaryIO) -> dict[str, Any]:
    try:
        file.seek(-_FOOTER_BYTES, os.SEEK_END)
        length = int.from_bytes(file.read(_FOOTER_BYTES), "big")
        file.seek(-_FOOTER_BYTES - length, os.SEEK_END)
        footer: dict[str, Any] = json.loads(file.read(length))
    except (OSError, ValueError, OverflowError):
        raise PayloadError(f"{path}: not a whole payload; run the cell again") from None
    return footer


def _map(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        # private: a trial may write to its arrays, and nobody else sees it
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)


def _allow_files(maps: int) -> None:
    """Every map holds a descriptor: raise the soft limit if there are many."""
    if maps < _MANY_MAPS:
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = soft + maps
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard < 0 else min(wanted, hard), hard))


class _Buffers:
    """The files of large buffers, in the order in which the pickle refers to them."""

    def __init__(self, folder: Path):
        self._folder = folder
        self.names: list[str] = []
        self.total = 0

    def keep(self, buffer: pickle.PickleBuffer) -> bool:
        """Whether `buffer` is to stay in the pickle; if not, it has its file now."""
        with buffer.raw() as raw:
            if raw.nbytes < BUFFER:
                return True
            name = f"{hashlib.sha256(raw).hexdigest()}.buffer"
            self._publish(name, raw)
            self.names.append(name)
            self.total += raw.nbytes
        return False

    def _publish(self, name: str, raw: memoryview) -> None:
        target = self._folder / name
        if target.exists() and target.stat().st_size == raw.nbytes:
            return
        handle, partial = tempfile.mkstemp(dir=self._folder)
        try:
            with open(handle, "wb") as file:
                file.write(raw)
            os.replace(partial, target)
        except BaseException:
            os.unlink(partial)
            raise


class _NotebookGlobals(dict[str, Any]):
    """Stands for the globals of the notebook; in a trial they are those of its `__main__`."""

    def __reduce__(self) -> tuple[Callable[[], dict[str, Any]], tuple[()]]:
        return notebook_globals, ()


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    """cloudpickle, with tensors as buffers and notebook functions in one shared `__main__`.

    `name`: the variable that is being pickled, for notices.
    """

    def __init__(self, file: Any, keep: Callable[[pickle.PickleBuffer], bool]):
        super().__init__(file, protocol=5, buffer_callback=keep)
        self.name = ""
        self.notices: list[str] = []
        self.globals_ref[id(notebook_globals())] = _NotebookGlobals(__name__="__main__")

    def reducer_override(self, obj: Any) -> Any:
        torch = sys.modules.get("torch")
        if torch is not None and type(obj) is torch.Tensor:
            return self._reduce_tensor(obj)
        if isinstance(obj, io.TextIOWrapper) and obj not in (sys.stdout, sys.stderr, sys.stdin):
            # cloudpickle would copy the text, and a trial would read something that is no file
            raise pickle.PicklingError(f"cannot pickle the open file {getattr(obj, 'name', obj)!r}")
        return super().reducer_override(obj)

    def _reduce_tensor(self, tensor: Any) -> Any:
        torch = sys.modules["torch"]
        plain = tensor.layout is torch.strided and not tensor.is_quantized and not tensor.is_nested
        if not plain or tensor.device.type == "meta" or tensor.__dict__ or tensor._backward_hooks:
            return NotImplemented
        device = tensor.device.type
        data = tensor.detach()
        if device != "cpu":
            notice = f"{self.name}: its {device} tensors travel through the CPU"
            if notice not in self.notices:
                self.notices.append(notice)
            data = data.cpu()
        data = data.resolve_conj().resolve_neg().contiguous()
        raw = data.reshape(-1).view(torch.uint8).numpy()
        return _rebuild_tensor, (raw, tensor.dtype, tuple(tensor.shape), device, tensor.requires_grad)


def _rebuild_tensor(raw: Any, dtype: Any, shape: tuple[int, ...], device: str, requires_grad: bool) -> Any:
    """A tensor over the memory of `raw`; on the device it came from, if there is one."""
    torch = sys.modules["torch"]
    tensor = torch.from_numpy(raw).view(dtype).reshape(shape)
    if device != "cpu" and getattr(torch, device).is_available():
        tensor = tensor.to(device)
    return tensor.requires_grad_(requires_grad)


def _complaint(wanted: Mapping[str, Any], first: str, error: Exception) -> str:
    """A line for every one of `wanted` that cannot travel; `first` is known not to."""
    lines: dict[str, None] = {}
    for name, value in wanted.items():
        problem = error if name == first else _problem_of(value)
        if problem is not None:
            culprit, reason = _innermost(name, value, problem)
            lines[f"{culprit}: cannot travel to the trials ({reason}); create it inside the cell"] = None
    return "\n".join(lines)


def _innermost(name: str, value: object, problem: Exception) -> tuple[str, str]:
    """Who is to blame: `value` itself, or a part of it, one level down."""
    for part, inner in parts_of(name, value):
        reason = _problem_of(inner)
        if reason is not None:
            return part, str(reason)
    return name, str(problem) or type(problem).__name__


def _problem_of(value: object) -> Exception | None:
    """Why `value` alone cannot travel; None if it can. Nothing is written."""
    try:
        _Pickler(_Nowhere(), lambda buffer: False).dump(value)
    except Exception as error:
        return error
    return None


class _Nowhere:
    def write(self, data: Any) -> int:
        return len(data)
