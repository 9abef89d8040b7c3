"""CIFAR-10, from its "python version" of pickled batches, and what S1 and S3 train on it.

A pickle can run anything when it is opened, so nothing here lets it: of all the names that a pickle may ask
for, the reader knows the three by which NumPy's arrays are written and the one by which Python 3 writes bytes
for Python 2, and in their place it gives out classes of its own that only keep what they are told.
The numbers are then read from the kept bytes.

Source: https://www.cs.toronto.edu/~kriz/cifar.html (the layout of the batches).
"""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch

from tests.benchmarks.seed.images import Images, crops, flips, sgd, standardised
from tests.benchmarks.seed.residual import resnet20, resnet34
from tests.benchmarks.seed.training import Train

SHAPE = (3, 32, 32)
TRAIN = tuple(f"data_batch_{number}" for number in range(1, 6))
VALID = "test_batch"


class CifarError(Exception):
    """A file is not a batch of CIFAR-10; says which and why."""


class _Kind:
    """In place of numpy.dtype."""

    def __init__(self, name: Any = "", *_: Any):
        self.name = name

    def __setstate__(self, state: Any) -> None:
        """Byte order and fields: of no meaning for single bytes."""


class _Array:
    """In place of numpy.ndarray: the state that the pickle sets, unread."""

    state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def bytes_of_shape(self, width: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """`n x width` unsigned bytes. Raises ValueError if the state is that of anything else."""
        try:
            _, shape, kind, column_major, raw = self.state
            rows, columns = shape
            fits = kind.name in ("u1", b"u1") and not column_major and columns == width
        except (TypeError, ValueError, AttributeError):
            fits = False
        if not fits or not isinstance(raw, bytes) or len(raw) != math.prod(shape):
            raise ValueError(f"its images are not rows of {width} unsigned bytes")
        return np.frombuffer(raw, np.uint8).reshape(rows, columns)


def _new_array(*_: Any) -> _Array:
    return _Array()


def _encoded(text: str, encoding: str = "latin1") -> bytes:
    return text.encode("latin1")


_KNOWN: dict[tuple[str, str], Any] = {
    ("numpy.core.multiarray", "_reconstruct"): _new_array,
    ("numpy._core.multiarray", "_reconstruct"): _new_array,
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Kind,
    ("_codecs", "encode"): _encoded,
}


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _KNOWN:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no batch of CIFAR-10 needs")
        return _KNOWN[module, name]

    def persistent_load(self, pid: Any) -> Any:
        raise pickle.UnpicklingError("it refers to objects outside of itself")


def read_batch(path: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """`n x 3 x 32 x 32` bytes and `n` labels of one file. Raises CifarError."""
    with path.open("rb") as file:
        try:
            return _pixels_and_labels(_unpickled(file))
        except (pickle.UnpicklingError, EOFError, ValueError, TypeError, KeyError) as error:
            raise CifarError(f"{path} is no batch of CIFAR-10: {error}") from error


def _unpickled(file: IO[bytes]) -> Any:
    # Python 2 wrote them: their strings are bytes
    return _Reader(file, encoding="bytes").load()


def _pixels_and_labels(batch: Any) -> tuple[torch.Tensor, torch.Tensor]:
    if not isinstance(batch, dict):
        raise ValueError("it holds no dictionary")
    named = {name.decode() if isinstance(name, bytes) else name: value for name, value in batch.items()}
    missing = {"data", "labels"} - named.keys()
    if missing:
        raise ValueError(f"it has no {' and no '.join(sorted(missing))}")
    data, labels = named["data"], named["labels"]
    if not isinstance(data, _Array):
        raise ValueError("its images are no array")
    pixels = data.bytes_of_shape(math.prod(SHAPE))
    if not isinstance(labels, list) or not all(type(label) is int and 0 <= label < 10 for label in labels):
        raise ValueError("its labels are not numbers from 0 to 9")
    if len(labels) != len(pixels):
        raise ValueError(f"it has {len(pixels)} images and {len(labels)} labels")
    return torch.tensor(pixels).view(-1, *SHAPE), torch.tensor(labels)


def read_cifar10(folder: Path) -> Images:
    """The 50,000 images to train on and the 10,000 to measure, in `folder` (cifar-10-batches-py).

    Raises: CifarError naming the file that is missing or wrong.
    """
    absent = [name for name in (*TRAIN, VALID) if not (folder / name).is_file()]
    if absent:
        raise CifarError(
            f"{folder} has no {', '.join(absent)}; give the folder cifar-10-batches-py "
            "of the archive cifar-10-python.tar.gz"
        )
    read = [read_batch(folder / name) for name in TRAIN]
    pixels, labels = torch.cat([part for part, _ in read]), torch.cat([part for _, part in read])
    valid, valid_labels = read_batch(folder / VALID)
    return standardised(pixels.float() / 255, labels, valid.float() / 255, valid_labels)


def cropped_and_flipped(images: torch.Tensor, chance: torch.Generator) -> torch.Tensor:
    return flips(crops(images, chance, border=4), chance)


def train_s1(images: Callable[[], Images]) -> Train:
    """ResNet-34 with batches of 1,024; the seconds of an epoch are measured."""
    return sgd(images, resnet34, batch=1024)


def train_s3(images: Callable[[], Images]) -> Train:
    """ResNet-20 with flips and crops; the seconds of an epoch are measured."""
    return sgd(images, resnet20, augment=cropped_and_flipped)
