"""The messages between a driver and its clients."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jupyter_tune.errors import DriverError
from jupyter_tune.wire.messages import encode


def sent(value: Any) -> Any:
    return json.loads(encode({"type": "enqueue", "value": value}))["value"]


@pytest.mark.parametrize(
    ("value", "plain"),
    [(np.int64(3), 3), (np.float32(0.5), 0.5), (np.bool_(True), True), ([np.array(2)], [2]), ("a", "a")],
)
def test_scalars_of_numpy_are_sent_as_python_s_own(value: object, plain: object) -> None:
    assert sent(value) == plain
    assert type(sent(value)) is type(plain)


@pytest.mark.parametrize("value", [float("nan"), np.float64("inf"), np.zeros(2), Path("x"), {1}])
def test_what_cannot_be_sent_is_refused_in_words(value: object) -> None:
    with pytest.raises(DriverError, match="give"):
        sent(value)
