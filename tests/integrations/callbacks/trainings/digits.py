"""scikit-learn's digits as tensors."""

from __future__ import annotations

from typing import Any

import torch
from sklearn.datasets import load_digits
from torch.utils.data import TensorDataset


def arrays() -> tuple[Any, Any, Any, Any]:
    """Images and digits to train on, and those to validate on."""
    data = load_digits()
    x, y = (data.data / 16).astype("float32"), data.target
    return x[:600], y[:600], x[600:800], y[600:800]


def tensors() -> tuple[TensorDataset, TensorDataset]:
    x, y, x_valid, y_valid = (torch.tensor(array) for array in arrays())
    return TensorDataset(x, y), TensorDataset(x_valid, y_valid)


def accuracy(found: Any, y: Any) -> Any:
    return (found.argmax(1) == y).float().mean()
