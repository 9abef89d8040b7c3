"""What a supervisor loads for its trials before they ask."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tune.payload.preloads import imported_by, preloadable
from tests.trial_lab import cell


def in_a_function() -> Any:
    import torch.nn

    return torch.nn


class InAMethod:
    def train(self) -> Any:
        def inner() -> Any:
            from sklearn import svm

            return svm

        return inner


@pytest.mark.parametrize(
    ("work", "libraries"),
    [
        (cell("import torch, json, transformers"), ["torch"]),
        (cell("if x:\n    from scipy.stats import norm\nawait train()"), ["scipy"]),
        (cell("x = 1", {"train": in_a_function, "Model": InAMethod, "data": [1]}), ["sklearn", "torch"]),
        ({"kind": "function", "function": in_a_function}, ["torch"]),
        (cell("def torch(): pass\nfrom . import numpy"), []),
    ],
)
def test_imports_are_found_wherever_the_code_has_them(work: dict[str, Any], libraries: list[str]) -> None:
    assert imported_by(work) == libraries


def test_only_known_libraries_and_their_public_parts_are_preloaded() -> None:
    loaded = [
        "torch",
        "torch.optim",
        "torch._dynamo",
        "torch.optim.adam",
        "mine",
        "torchmine",
        "matplotlib.pyplot",
    ]
    assert preloadable(loaded) == ["torch", "torch.optim"]
