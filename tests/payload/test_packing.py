"""What travels, how much it weighs, and what cannot."""

from __future__ import annotations

import io
import math
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jupyter_tune.errors import PayloadError
from jupyter_tune.payload import loading, packing
from jupyter_tune.payload.loading import load
from jupyter_tune.payload.packing import Packed, pack
from tests.trial_lab import Lab, cell

pytestmark = pytest.mark.usefixtures("bare_notebook")


def pack_names(folder: Path, **names: Any) -> Packed:
    return pack(cell(names=names), folder)


def round_trip(folder: Path, **names: Any) -> dict[str, Any]:
    loaded: dict[str, Any] = load(pack_names(folder, **names).path)["names"]
    return loaded


class Notebook:
    """Cells run in `__main__`, as a kernel does."""

    def __init__(self) -> None:
        self.space = sys.modules["__main__"].__dict__

    def run(self, cell: str) -> None:
        exec(cell, self.space)

    def __getitem__(self, name: str) -> Any:
        return self.space[name]


@pytest.fixture
def notebook() -> Iterator[Notebook]:
    main = sys.modules["__main__"]
    before = dict(main.__dict__)
    yield Notebook()
    main.__dict__.clear()
    main.__dict__.update(before)


def test_names_come_back_and_stay_shared(tmp_path: Path) -> None:
    shared = [1]
    back = round_trip(tmp_path, a={"x": shared}, b=shared, text="é", module=math)
    assert back["a"]["x"] is back["b"]
    assert back["module"] is math


def test_sizes_are_listed_by_name(tmp_path: Path) -> None:
    big = np.zeros(1_000_000)
    packed = pack_names(tmp_path, big=big, again=big, small=1)
    assert packed.sizes["big"] >= 8_000_000
    assert packed.sizes["again"] < 1000
    assert packed.sizes["small"] < 1000
    assert 8_000_000 < packed.total < 8_100_000


def test_a_large_buffer_is_written_once_and_a_copy_is_private(tmp_path: Path) -> None:
    big = np.arange(500_000.0)
    pack_names(tmp_path, big=big)
    packed = pack_names(tmp_path, other=1, big=big.copy(), fortran=np.asfortranarray(big.reshape(1000, -1)))
    # the same numbers in Fortran's order are other bytes: a file of their own
    assert len(list(tmp_path.glob("*.buffer"))) == 2
    names = load(packed.path)["names"]
    names["big"][0] = 7
    assert (names["fortran"] == big.reshape(1000, -1)).all()
    assert load(packed.path)["names"]["big"][0] == 0


def test_many_large_buffers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "BUFFER", 1000)
    arrays = [np.full(1000, k) for k in range(300)]
    back = round_trip(tmp_path, arrays=arrays)["arrays"]
    assert all((a == b).all() for a, b in zip(arrays, back, strict=True))


async def test_200_mb_reach_a_trial_by_map(lab: Lab) -> None:
    big = np.ones(25_000_000)
    await lab.open(
        "def rss():\n"
        "    import psutil\n    return psutil.Process().memory_full_info().uss / 1e6\n"
        "report(accuracy=rss(), length=len(big))\nbig[:1000] = 0\nreport(accuracy=big[5000], after=rss())",
        {"big": big},
    )
    began = time.monotonic()
    lab.launch()
    lab.launch(1)
    await lab.ended()
    await lab.ended(1)
    assert time.monotonic() - began < 30
    first, second = lab.reports()
    assert first.metrics["length"] == 25_000_000
    assert first.metrics["accuracy"] < 100
    assert (second.metrics["accuracy"], second.metrics["after"] < 100) == (1.0, True)


async def test_functions_and_classes_of_the_notebook_are_sent(lab: Lab, notebook: Notebook) -> None:
    notebook.run(
        "scale = 10\n"
        "class Net:\n    def __call__(self, x): return x * scale\n"
        "def make(): return Net()\n"
        "def adder(k): return lambda x: x + k\n"
        "add2 = adder(2)\n"
    )
    ended = await lab.run(
        "import pickle\nnet = make()\nassert type(pickle.loads(pickle.dumps(net))) is Net\n"
        "before = net(1)\nscale = 100\n"
        "accuracy = add2(before + net(1))",
        {"make": notebook["make"], "add2": notebook["add2"]},
    )
    # a global that the cell assigns is the global that the notebook's functions read
    assert (ended.error, ended.value) == ("", 112.0)


async def test_a_function_payload_brings_its_globals(lab: Lab, notebook: Notebook) -> None:
    notebook.run("data = [1, 2, 3]\ndef helper(): return sum(data)\ndef train(lr): return helper() * lr\n")
    packed = pack({"kind": "function", "function": notebook["train"]}, lab.folder)
    assert set(packed.sizes) == {"train", "helper", "data"}
    await lab.open(kind="function", function=notebook["train"])
    lab.launch(lr=0.5)
    assert (await lab.ended()).value == 3.0


@pytest.mark.parametrize(
    ("thing", "reason"),
    [
        (threading.Lock(), "cannot pickle '_thread.lock' object"),
        ((k for k in range(3)), "cannot pickle 'generator' object"),
    ],
)
def test_what_cannot_travel_is_named(tmp_path: Path, thing: object, reason: str) -> None:
    with pytest.raises(PayloadError, match=rf"thing: cannot travel to the trials .{reason}.; create it"):
        pack_names(tmp_path, fine=1, thing=thing)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", ["r", "rb"])
def test_an_open_file_cannot_travel(tmp_path: Path, mode: str) -> None:
    with open(__file__, mode) as file, pytest.raises(PayloadError, match=r"thing: .* \(cannot pickle"):
        pack_names(tmp_path, fine=1, thing=file)


def test_every_culprit_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(PayloadError) as caught:
        pack_names(tmp_path, first=threading.Lock(), fine=1, second=threading.Lock())
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == ["first", "second"]


def test_a_culprit_inside_is_named(tmp_path: Path, notebook: Notebook) -> None:
    notebook.run(
        "import threading\nlock = threading.Lock()\nunused = threading.Lock()\n"
        "def train(): return lock.unused\n"
        "def closure():\n    inner = threading.Lock()\n    return lambda: inner\n"
        "class Data: pass\ndata = Data()\ndata.guard = threading.Lock()\n"
    )
    for names, culprit in (
        ({"train": notebook["train"]}, "lock"),
        ({"f": notebook["closure"]()}, "inner (used by f)"),
        ({"data": notebook["data"]}, "data.guard"),
    ):
        with pytest.raises(PayloadError) as caught:
            pack_names(tmp_path, **names)
        assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == [culprit]


def test_streams_in_memory_are_sent(tmp_path: Path) -> None:
    assert round_trip(tmp_path, text=io.StringIO("abc"))["text"].read() == "abc"


def test_torch_tensors_and_modules_come_back(tmp_path: Path) -> None:
    import torch

    model = torch.nn.Sequential(torch.nn.Linear(600, 600), torch.nn.BatchNorm1d(600))
    view = torch.arange(1_000_000.0)[3:5]
    tensors = [
        torch.arange(600_000, dtype=torch.float32).reshape(2, -1),
        torch.ones(3, dtype=torch.bfloat16),
        torch.tensor(3),
        torch.zeros(0, 4),
        torch.arange(6).reshape(2, 3).T,
        torch.ones(2, requires_grad=True),
        torch.tensor([1 + 2j]).conj(),
        torch.ones(2, 2).to_sparse(),
    ]
    packed = pack_names(tmp_path, model=model, tensors=tensors, view=view)
    assert packed.sizes["view"] < 1000
    assert len(list(tmp_path.glob("*.buffer"))) == 2
    back = load(packed.path)["names"]
    for mine, theirs in zip(tensors, back["tensors"], strict=True):
        assert (mine.dtype, mine.shape, mine.requires_grad) == (
            theirs.dtype,
            theirs.shape,
            theirs.requires_grad,
        )
        assert torch.equal(mine.to_dense(), theirs.to_dense())
    assert isinstance(back["model"][0].weight, torch.nn.Parameter)
    assert torch.equal(back["model"][0].weight, model[0].get_parameter("weight"))
    back["tensors"][0].add_(1)
    back["model"](torch.ones(2, 600)).sum().backward()
    assert tensors[0][0, 0] == 0


def test_an_incomplete_payload_is_refused(tmp_path: Path) -> None:
    packed = pack_names(tmp_path, a=1)
    packed.path.write_bytes(packed.path.read_bytes()[:-20])
    with pytest.raises(PayloadError, match="incomplete payload"):
        load(packed.path)


def test_another_python_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = pack_names(tmp_path, a=1)
    monkeypatch.setattr(loading, "PYTHON", "3.99")
    with pytest.raises(PayloadError, match=r"packed by Python 3\.\d+, this is 3\.99"):
        load(packed.path)
