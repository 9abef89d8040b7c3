"""Pickles the user's objects for the trials, and finds the culprit if that fails.

numpy and torch are used if loaded, never imported.
"""

from __future__ import annotations

import builtins
import enum
import io
import pickle
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

import cloudpickle

from jupyter_tune.payload import classes, fingerprints, layout
from jupyter_tune.payload.cell_sources import registered_source
from jupyter_tune.payload.dependencies import (
    globals_of,
    is_main,
    named_in_annotations,
    notebook_globals,
    parts_of,
)
from jupyter_tune.payload.notebook_builtins import ipython_objects
from jupyter_tune.payload.reductions import is_unimportable, reduction


class _NotebookGlobals(dict[str, Any]):
    """Replaces the notebook's globals in the pickle; loads as the globals of the trial's `__main__`."""

    def __reduce__(self) -> tuple[Callable[[], dict[str, Any]], tuple[()]]:
        return notebook_globals, ()


class Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    """cloudpickle, with tensors as buffers and notebook functions in one shared `__main__`.

    name:    the variable that is being pickled, for notices.
    reached: variables of the notebook that the pickled functions read; the caller pickles them next.
    texts:   sources of the cells that define these functions, by file name.
    seen:    the notebook's code among the pickled objects.
    """

    def __init__(self, file: Any, keep: Callable[[pickle.PickleBuffer], bool] | None = None):
        super().__init__(file, protocol=5, buffer_callback=keep)
        self.name = ""
        self.notices: list[str] = []
        self.reached: dict[str, Any] = {}
        self.texts: dict[str, str] = {}
        self.seen = fingerprints.SeenCode()
        self._ipython_objects = ipython_objects(notebook_globals(), vars(builtins))
        self.globals_ref[id(notebook_globals())] = _NotebookGlobals(__name__="__main__")
        if notebook_globals()["__name__"] == "__mp_main__":
            # cloudpickle takes this name for that of a module, which no trial could import
            cloudpickle.register_pickle_by_value(sys.modules["__mp_main__"])

    def reducer_override(self, obj: Any) -> Any:
        if id(obj) in self._ipython_objects:
            return getattr, (builtins, self._ipython_objects[id(obj)])
        torch = sys.modules.get("torch")
        if torch is not None and type(obj) is torch.Tensor:
            return self._reduce_tensor(obj)
        in_its_memory = layout.reduced(obj)
        if in_its_memory is not NotImplemented:
            return in_its_memory
        if isinstance(obj, types.CodeType):
            # cloudpickle drops the file name, which names the cell
            make, args = self.dispatch_table[types.CodeType](obj)
            return _rebuild_code, (obj.co_filename, make, args)
        if isinstance(obj, (types.FunctionType, type)):
            self._reach(obj)
        reduced = reduction(obj)
        if isinstance(obj, enum.Enum) and is_unimportable(type(obj), type(obj).__qualname__):
            reduced = classes.reduce_enum_member(obj) or reduced
        if reduced is not None:
            return reduced
        reduced = super().reducer_override(obj)
        return classes.reduce_class(obj, reduced) if isinstance(obj, type) else reduced

    def _reach(self, obj: types.FunctionType | type) -> None:
        if isinstance(obj, types.FunctionType):
            self.reached.update(globals_of(obj))
            self.texts |= registered_source(obj.__code__.co_filename)
        else:
            self.reached.update(named_in_annotations(obj))
        if is_main(obj.__module__):
            self.seen.add(obj)
        # code in the trial may pickle it by name, as multiprocessing does
        if is_main(obj.__module__) and notebook_globals().get(obj.__name__) is obj:
            self.reached[obj.__name__] = obj

    def _reduce_tensor(self, tensor: Any) -> Any:
        torch = sys.modules["torch"]
        plain = tensor.layout is torch.strided and not tensor.is_quantized and not tensor.is_nested
        if not plain or tensor.device.type == "meta" or tensor.__dict__ or tensor._backward_hooks:
            return NotImplemented
        device = tensor.device.type
        data = tensor.detach()
        if device != "cpu":
            notice = f"{self.name}: its {device} tensors are sent through the CPU"
            if notice not in self.notices:
                self.notices.append(notice)
            data = data.cpu()
        data = data.resolve_conj().resolve_neg()
        if _span(data) > layout.SPREAD * data.numel():
            data = data.contiguous()
        # the memory behind it, which is shared with other views that are sent
        raw = data.as_strided((_span(data),), (1,)).view(torch.uint8).numpy()
        shape, strides = tuple(data.shape), data.stride()
        return _rebuild_tensor, (raw, tensor.dtype, shape, strides, device, tensor.requires_grad)


def _rebuild_code(
    filename: str, make: Callable[..., types.CodeType], args: tuple[Any, ...]
) -> types.CodeType:
    return make(*args).replace(co_filename=filename)


def _span(tensor: Any) -> int:
    """The distance from the first to the last element in memory, in elements."""
    if not tensor.numel():
        return 0
    steps = zip(tensor.shape, tensor.stride(), strict=True)
    return 1 + sum((int(size) - 1) * int(stride) for size, stride in steps)


def _rebuild_tensor(
    raw: Any,
    dtype: Any,
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    device: str,
    requires_grad: bool,
) -> Any:
    """A tensor that shares the memory of `raw`; moved to its original device if that is available."""
    torch = sys.modules["torch"]
    tensor = torch.from_numpy(raw).view(dtype).as_strided(shape, strides)
    if device != "cpu" and getattr(torch, device).is_available():
        tensor = tensor.to(device)
    return tensor.requires_grad_(requires_grad)


def describe_failure(wanted: Mapping[str, Any], first: str, error: Exception) -> str:
    """A line for each of `wanted` that cannot be pickled; `error` is the one that `first` raised."""
    lines: dict[str, None] = {}
    for name, value in wanted.items():
        problem = error if name == first else _problem_of(value)
        if problem is not None:
            culprit, reason = _innermost(name, value, problem)
            lines[f"{culprit}: cannot travel to the trials ({reason}); create it inside the cell"] = None
    return "\n".join(lines)


def _innermost(name: str, value: object, problem: Exception) -> tuple[str, str]:
    """The culprit and the reason: a part of `value`, one level down, or `value` itself."""
    for part, inner in parts_of(name, value):
        reason = _problem_of(inner)
        if reason is not None:
            return part, str(reason)
    return name, str(problem) or type(problem).__name__


def _problem_of(value: object) -> Exception | None:
    """The error of pickling `value` by itself; None if it can be pickled. Nothing is written."""
    try:
        Pickler(_ByteCounter(), lambda buffer: False).dump(value)
    except Exception as error:
        return error
    return None


def size_of(value: object, limit: int) -> int:
    """Bytes of `value` pickled by itself; counting stops above `limit`. Raises what pickling raises."""
    file = _ByteCounter(limit)
    try:
        Pickler(file).dump(value)
    except _TooLargeError:
        return file.written
    return file.written


def dumps(value: object) -> bytes:
    """`value` pickled by itself, with its buffers in the stream."""
    file = io.BytesIO()
    Pickler(file).dump(value)
    return file.getvalue()


class _TooLargeError(Exception):
    """The limit of a _ByteCounter is exceeded."""


class _ByteCounter:
    def __init__(self, limit: float = float("inf")):
        self._limit = limit
        self.written = 0

    def write(self, data: Any) -> int:
        size = memoryview(data).nbytes
        self.written += size
        if self.written > self._limit:
            raise _TooLargeError()
        return size
