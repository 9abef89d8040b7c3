"""The reader of CIFAR-10's files, on tiny ones made in the format; and what it refuses to run."""

from __future__ import annotations

import os
import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.benchmarks.seed.cifar import TRAIN, VALID, CifarError, read_batch, read_cifar10

PIXELS = 3 * 32 * 32


def pixels(count: int, seed: int = 0) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.random.default_rng(seed).integers(0, 256, (count, PIXELS), np.uint8)


def as_python_2_wrote(data: np.ndarray[Any, np.dtype[np.uint8]], labels: list[int]) -> bytes:
    """A batch as in the archive: protocol 2, strings that are bytes, NumPy's old module names."""

    def text(value: bytes) -> bytes:
        return b"U" + bytes([len(value)]) + value

    def number(value: int) -> bytes:
        return b"J" + struct.pack("<i", value)

    kind = b"cnumpy\ndtype\n(" + text(b"u1") + number(0) + number(1) + b"tR"
    kind += b"(" + number(3) + text(b"|") + b"NNN" + number(-1) + number(-1) + number(0) + b"tb"
    raw = b"T" + struct.pack("<i", data.nbytes) + data.tobytes()
    shape = number(data.shape[0]) + number(data.shape[1]) + b"\x86"
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(" + number(0) + b"t" + text(b"b") + b"tR"
    )
    array += b"(" + number(1) + shape + kind + b"\x89" + raw + b"tb"
    listed = b"](" + b"".join(map(number, labels)) + b"e"
    batch = text(b"data") + array + text(b"labels") + listed + text(b"batch_label") + text(b"batch 1 of 5")
    return b"\x80\x02}(" + batch + b"u."


def test_a_batch_as_in_the_archive_is_read(tmp_path: Path) -> None:
    data, labels = pixels(3), [7, 0, 9]
    (tmp_path / "batch").write_bytes(as_python_2_wrote(data, labels))
    # the bytes are what Python itself takes for such a batch
    theirs = pickle.loads(as_python_2_wrote(data, labels), encoding="bytes")
    assert np.array_equal(theirs[b"data"], data)
    images, found = read_batch(tmp_path / "batch")
    assert images.shape == (3, 3, 32, 32)
    assert found.tolist() == labels
    # red, then green, then blue; each row by row
    assert images[1, 2, 5, 9] == data[1, 2 * 1024 + 5 * 32 + 9]


def test_a_batch_written_again_by_python_3_is_read(tmp_path: Path) -> None:
    data = pixels(2)
    (tmp_path / "batch").write_bytes(pickle.dumps({b"data": data, b"labels": [1, 2]}, protocol=2))
    images, labels = read_batch(tmp_path / "batch")
    assert np.array_equal(images.reshape(2, -1).numpy(), data)
    assert labels.tolist() == [1, 2]


class _Runs:
    """Unpickled by Python itself, it makes a folder."""

    def __init__(self, folder: Path):
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.folder),)


def test_a_pickle_that_runs_something_is_refused_and_runs_nothing(tmp_path: Path) -> None:
    target = tmp_path / "made"
    (tmp_path / "batch").write_bytes(pickle.dumps({b"data": _Runs(target), b"labels": []}, protocol=2))
    with pytest.raises(CifarError, match=r"batch is no batch of CIFAR-10: it asks for posix\.mkdir"):
        read_batch(tmp_path / "batch")
    assert not target.exists()


@pytest.mark.parametrize(
    ("batch", "reason"),
    [
        ([1, 2], "no dictionary"),
        ({b"data": pixels(1)}, "no labels"),
        ({b"data": [1], b"labels": [1]}, "no array"),
        ({b"data": pixels(2), b"labels": [1]}, "2 images and 1 labels"),
        ({b"data": pixels(1), b"labels": [10]}, "from 0 to 9"),
        ({b"data": pixels(1)[:, :9], b"labels": [1]}, "rows of 3072 unsigned bytes"),
        ({b"data": pixels(1).astype(float), b"labels": [1]}, "rows of 3072 unsigned bytes"),
        ({b"data": np.array([[object]]), b"labels": [1]}, "no batch of CIFAR-10"),
    ],
)
def test_what_is_no_batch_is_named(tmp_path: Path, batch: Any, reason: str) -> None:
    (tmp_path / "batch").write_bytes(pickle.dumps(batch, protocol=2))
    with pytest.raises(CifarError, match=reason):
        read_batch(tmp_path / "batch")


def test_a_file_cut_short_is_named(tmp_path: Path) -> None:
    (tmp_path / "batch").write_bytes(as_python_2_wrote(pixels(1), [3])[:-40])
    with pytest.raises(CifarError, match="batch is no batch"):
        read_batch(tmp_path / "batch")


def test_a_folder_gives_standardised_images(tmp_path: Path) -> None:
    for place, name in enumerate((*TRAIN, VALID)):
        (tmp_path / name).write_bytes(as_python_2_wrote(pixels(4, place), [place] * 4))
    images = read_cifar10(tmp_path)
    assert images.train.shape == (20, 3, 32, 32)
    assert images.valid.shape == (4, 3, 32, 32)
    assert images.train_labels.tolist() == [label for label in range(5) for _ in range(4)]
    assert torch.allclose(images.train.mean((0, 2, 3)), torch.zeros(3), atol=1e-5)
    assert torch.allclose(images.train.std((0, 2, 3)), torch.ones(3), atol=1e-5)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CifarError, match=r"has no data_batch_1, .*test_batch; give the folder"):
        read_cifar10(tmp_path)
