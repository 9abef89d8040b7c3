"""The sections about the libraries that are installed for every test run, in one kernel."""

from __future__ import annotations

from tests.integrations.callbacks.page import check_sections
from tests.real_kernel import Kernel

LIGHT = {
    "XGBoost": "boosted",
    "LightGBM": "leaves",
    "PyTorch Lightning": "lit",
}
"""Section -> the variable of its study."""


def test_the_sections_of_the_light_libraries_run(kernel: Kernel) -> None:
    check_sections(kernel, LIGHT)
