"""Hashes of data: the same for the same content wherever it lies, another one for other content."""

from __future__ import annotations

import datetime
import subprocess
import sys
from typing import Any

import numpy as np
import pandas
import pytest
import torch

from jupyter_tune.payload import data_hashes as module
from jupyter_tune.payload.data_hashes import data_hashes


class Batches:
    def __init__(self, x: Any, size: int):
        self.x, self.size = x, size


MAKE: dict[str, Any] = {
    "array": lambda: np.arange(24.0).reshape(4, 6),
    "view": lambda: np.arange(48.0).reshape(4, 12)[:, ::2],
    "objects": lambda: np.array(["a", None, 3], dtype=object),
    "tensor": lambda: torch.arange(6.0).reshape(2, 3).T,
    "half": lambda: torch.ones(3, dtype=torch.bfloat16),
    "frame": lambda: pandas.DataFrame({"a": [1, 2], "b": ["x", None]}),
    "set": lambda: {"one", "two", "three"},
    "nested": lambda: {"train": [np.ones(3), (1, "two")], "bytes": b"abc"},
    "object": lambda: Batches(np.zeros(5), 2),
    "time": lambda: datetime.datetime(2026, 1, 2),
    "range": lambda: range(5),
}


@pytest.mark.parametrize("name", MAKE)
def test_the_same_content_has_the_same_hash(name):
    made = MAKE[name]
    [one], [two] = (list(data_hashes({name: made()}).values()) for _ in range(2))
    assert one == two


def test_other_content_has_another_hash():
    found = [data_hashes({"x": make()})["x"] for make in MAKE.values()]
    assert len(set(found)) == len(MAKE)
    array = MAKE["array"]()
    before = data_hashes({"x": array, "held": Batches(array, 2)})
    array[2, 3] = -1
    after = data_hashes({"x": array, "held": Batches(array, 2)})
    assert before["x"] != after["x"]
    assert before["held"] != after["held"]
    assert data_hashes({"x": array}) != data_hashes({"x": array.astype("float32")})
    assert data_hashes({"x": array}) != data_hashes({"x": array.reshape(6, 4)})


def test_another_process_gives_the_same_hashes():
    program = (
        "import numpy as np\n"
        "from jupyter_tune.payload.data_hashes import data_hashes\n"
        "print(data_hashes({'s': {'one', 'two', 'three'}, 'a': np.arange(5), 'd': {'k': ['v', 1.5]}}))"
    )
    runs = {
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        for _ in range(3)
    }
    assert len(runs) == 1
    assert "'s'" in runs.pop()


def test_code_has_no_hash_here_and_what_tells_no_state_has_none():
    class Silent:
        def __reduce_ex__(self, protocol: Any) -> Any:
            raise TypeError("no state")

    loop: list[object] = []
    loop.append(loop)
    found = data_hashes(
        {"f": test_other_content_has_another_hash, "m": sys, "silent": Silent(), "loop": loop}
    )
    assert list(found) == ["loop"]


def test_a_value_of_very_many_objects_has_no_hash():
    assert data_hashes({"many": [[number] for number in range(module.MOST)]}) == {}


def test_of_a_very_large_array_samples_are_read(monkeypatch):
    monkeypatch.setattr(module, "WHOLE", 1000)
    monkeypatch.setattr(module, "SAMPLE", 10)
    large = np.zeros(100_000, dtype="u1")
    before = data_hashes({"x": large})
    large[-1] = 1
    assert data_hashes({"x": large}) != before, "the end is among them"
