"""The sections about the libraries that `make test-integrations` installs, in one kernel."""

from __future__ import annotations

from tests.docs.pages import sections
from tests.integrations.callbacks.light_page import LIGHT
from tests.integrations.callbacks.page import PAGE, check_sections
from tests.real_kernel import Kernel

HEAVY = {
    "Hugging Face Trainer": "tuned",
    "Accelerate": "looped",
    "Keras 3": "layered",
    "CatBoost": "cats",
    "skorch": "nets",
    "PyTorch Ignite": "ignited",
    "fastai": "fast",
}
"""Section -> the variable of its study."""


def test_the_sections_of_the_heavy_libraries_run(kernel: Kernel) -> None:
    check_sections(kernel, HEAVY)


def test_every_section_is_run_by_a_test() -> None:
    assert set(sections(PAGE)) == {"", *LIGHT, *HEAVY}
