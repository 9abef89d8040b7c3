"""Tensors on a GPU of the notebook. No GPU is needed: a tensor's device is what it says."""

from __future__ import annotations

import pickle
import types
from pathlib import Path

import pytest
import torch

from jupyter_tune.payload.packing import pack
from jupyter_tune.payload.pickling import dumps
from tests.trial_lab import cell


@pytest.fixture
def on_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every tensor says that it is on the second GPU."""
    monkeypatch.setattr(
        torch.Tensor, "device", property(lambda _: types.SimpleNamespace(type="cuda", index=1))
    )


@pytest.mark.usefixtures("on_gpu", "bare_notebook")
def test_they_are_sent_through_the_cpu_and_the_user_is_told(tmp_path: Path) -> None:
    names = {"images": torch.arange(6.0).reshape(2, 3).T, "net": torch.nn.Linear(2, 1), "more": torch.ones(2)}
    packed = pack(cell("images, net, more", names), tmp_path)
    assert [text for text in packed.notices if "CPU" in text] == [
        f"{name}: its cuda tensors are sent through the CPU" for name in ("images", "net", "more")
    ]


def test_in_a_trial_without_a_gpu_they_are_on_the_cpu(on_gpu: None, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = dumps(torch.arange(6.0).reshape(2, 3).T)
    monkeypatch.undo()
    loaded = pickle.loads(sent)
    assert (loaded.device.type, loaded.tolist()) == ("cpu", [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]])


def test_in_a_trial_with_a_gpu_they_are_on_the_trial_s_own(
    on_gpu: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = dumps(torch.ones(2, requires_grad=True))
    monkeypatch.undo()
    moved: list[str] = []

    def to(tensor: torch.Tensor, device: str) -> torch.Tensor:
        moved.append(device)
        return tensor

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.Tensor, "to", to)
    # whichever GPU it was on in the notebook: a trial sees its own alone, which is the first there
    assert pickle.loads(sent).requires_grad
    assert moved == ["cuda"]
