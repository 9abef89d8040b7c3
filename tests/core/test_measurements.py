"""Numbers and steps: what is taken, and what is refused by name."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch

from jupyter_tune.core.measurements import as_metric, as_step, as_text
from jupyter_tune.core.parameters import Categorical
from jupyter_tune.errors import ReportError


@pytest.mark.parametrize(
    "value",
    [1, 1.5, True, np.float16(2), np.array(3), torch.tensor(2.0), Decimal("0.5"), Fraction(1, 3), math.inf],
)
def test_numbers_are_taken(value: object) -> None:
    assert type(as_metric("loss", value)) is float


@pytest.mark.parametrize(
    "value",
    [
        "1",
        b"1",
        None,
        1j,
        np.zeros(1),
        np.zeros((2, 2)),
        torch.zeros(2),
        np.str_("a"),
        [1.0],
        {},
        object(),
        10**400,
    ],
)
def test_anything_else_is_refused_by_name(value: object) -> None:
    with pytest.raises(ReportError, match=r"^loss: .*; report one number"):
        as_metric("loss", value)


@pytest.mark.parametrize(
    ("step", "taken"),
    [(0, 0), (7, 7), (3.0, 3), (np.int64(2), 2), (np.float32(4), 4), (torch.tensor(5), 5), (2**53, 2**53)],
)
def test_whole_steps_are_taken(step: object, taken: int) -> None:
    assert as_step(step) == taken
    assert type(as_step(step)) is int


@pytest.mark.parametrize(
    "step", [2.7, math.nan, math.inf, "3", None, -1, -1.0, 2**53 + 1, 10**400, np.float32(0.5), [1]]
)
def test_any_other_step_is_refused(step: object) -> None:
    with pytest.raises(ReportError, match=r"^step: must .*; give the epoch or iteration"):
        as_step(step)


@pytest.mark.parametrize("text", ["plain", "ünï 🎉", "\x00 <b>", ""])
def test_text_that_can_be_sent_stays(text: str) -> None:
    assert as_text(text) == text


def test_half_a_surrogate_pair_is_spelt_out() -> None:
    assert as_text("a\ud83d!") == r"a\ud83d!"
    choices = Categorical(["\ud83d", "b"])
    assert (choices.choices[0], choices.to_json()["choices"][0].encode()) == ("\ud83d", rb"\ud83d")
