from __future__ import annotations

import pytest

from jupyter_tune.core.amounts import Budget, Price


@pytest.mark.parametrize(
    "text", ["0.1%/h", "0.1 %/h", "0.1% an hour", "0.1% per hour", "0.1%/hour", "2.4%/d", "2.4% a day"]
)
def test_a_share_of_the_best_value_is_a_price_in_any_wording(text):
    price = Price.of(text)
    assert price.is_share
    assert price.amount == pytest.approx(0.001)


def test_a_price_without_a_percent_sign_is_in_the_metrics_units():
    assert Price.of("0.001/h") == Price(0.001, False)
    assert str(Price.of("1e-3/min")) == "0.06/h"


@pytest.mark.parametrize("text", ["0.1%", "0.1", "an hour", "0.1%/fortnight", "-1%/h", "1%%/h", ""])
def test_what_lacks_an_amount_or_a_time_is_no_price(text):
    with pytest.raises(ValueError, match=r".*"):
        Price.of(text)


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("10000 steps", 10_000, "steps"),
        ("10,000 steps", 10_000, "steps"),
        ("1e4 step", 10_000, "steps"),
        ("8 gpu-hours", 8, "gpu-hours"),
        ("8 GPU hours", 8, "gpu-hours"),
        ("0.5gpuh", 0.5, "gpu-hours"),
        ("20 core-hours", 20, "core-hours"),
        ("20 CPU_hours", 20, "core-hours"),
        ("1 trial-hour", 1, "trial-hours"),
    ],
)
def test_a_budget_is_an_amount_and_a_unit(text, amount, unit):
    assert Budget.of(text) == Budget(amount, unit)


@pytest.mark.parametrize("text", ["8", "8 hours", "gpu-hours", "8 trials", "-8 steps", "8 gpu-days", ""])
def test_what_lacks_either_is_no_budget(text):
    with pytest.raises(ValueError, match=r".*"):
        Budget.of(text)


@pytest.mark.parametrize("amount", [Price.of("0.1% a day"), Budget.of("8 gpu hours"), Price.of("3/min")])
def test_the_text_that_settings_keep_means_the_same(amount):
    again = type(amount).of(str(amount))
    assert again.amount == pytest.approx(amount.amount)
    assert str(again) == str(amount)
