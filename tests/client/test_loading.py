from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from jupyter_tune.client.loading import load_artifact
from jupyter_tune.errors import ArtifactError


class Trap:
    """Something whose pickle runs code."""

    def __init__(self, mark: Path):
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


def load(path: Path, loader: Any = None, **options: Any) -> Any:
    return load_artifact(path, loader, options)


def test_plain_data_is_read_by_its_suffix(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"a": [1, 2.5]}))
    (tmp_path / "a.txt").write_text("é", encoding="utf-8")
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    np.save(tmp_path / "a.npy", np.arange(3))
    np.savez(tmp_path / "a.npz", x=np.arange(2))
    assert load(tmp_path / "a.json") == {"a": [1, 2.5]}
    assert load(tmp_path / "a.txt") == "é"
    assert load(tmp_path / "a.csv").equals(pd.DataFrame({"a": [1], "b": [2]}))
    assert load(tmp_path / "a.npy").tolist() == [0, 1, 2]
    with load(tmp_path / "a.npz") as arrays:
        assert arrays["x"].tolist() == [0, 1]


def test_weights_of_torch_are_read_when_only_weights_are_asked_for(tmp_path):
    torch.save({"w": torch.ones(2)}, tmp_path / "model.pt")
    with pytest.raises(ArtifactError, match=r"load\('model.pt', weights_only=True\) reads tensors"):
        load(tmp_path / "model.pt")
    assert load(tmp_path / "model.pt", weights_only=True)["w"].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("suffix", [".pkl", ".pickle", ".joblib", ".pt", ".npy", ".npz"])
@pytest.mark.parametrize("options", [{}, {"weights_only": False}, {"allow_pickle": True}])
def test_what_holds_code_is_never_run_unasked(tmp_path, suffix, options):
    mark, path = tmp_path / "ran", tmp_path / f"model{suffix}"
    match suffix:
        case ".npy":
            np.save(path, np.array([Trap(mark)], dtype=object), allow_pickle=True)
        case ".npz":
            np.savez(path, x=np.array([Trap(mark)], dtype=object))
        case ".pt":
            torch.save(Trap(mark), path)
        case _:
            path.write_bytes(pickle.dumps(Trap(mark)))
    if suffix == ".pt" and not options:
        with pytest.raises(pickle.UnpicklingError):
            load(path, weights_only=True)
    with pytest.raises(
        (ArtifactError, ValueError, TypeError), match=r"(?i)if you trust|allow_pickle=False|weights_only"
    ):
        # the arrays of an .npz are read when they are asked for
        load(path, **options)["x"]
    assert not mark.exists()


def test_a_loader_gets_the_path_and_the_options(tmp_path):
    (tmp_path / "model.pkl").write_bytes(pickle.dumps({"a": 1}))
    assert load(tmp_path / "model.pkl", lambda path: pickle.loads(path.read_bytes())) == {"a": 1}
    assert load(tmp_path, lambda path, k: (path, k), k=2) == (tmp_path, 2)


def test_what_cannot_be_read_says_how_it_can(tmp_path):
    (tmp_path / "model.onnx").touch()
    with pytest.raises(ArtifactError, match=r"model\.onnx: load reads \.json .*artifacts\['model\.onnx'\]"):
        load(tmp_path / "model.onnx")
    with pytest.raises(ArtifactError, match=r"is a folder; give what reads it"):
        load(tmp_path)
