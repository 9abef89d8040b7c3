"""The sections about the libraries that are installed for every test run, in one kernel."""

from __future__ import annotations

from tests.integrations.callbacks.page import sections
from tests.real_kernel import LOAD, Kernel

LIGHT = {
    "XGBoost": ["boosted"],
    "LightGBM": ["leaves"],
    "PyTorch Lightning": ["lit"],
}
"""Section -> the variables of its studies."""


def test_the_sections_of_the_light_libraries_run(kernel: Kernel) -> None:
    kernel.run(LOAD)
    blocks = sections()
    kernel.run(*blocks[""])
    for section, studies in LIGHT.items():
        for block in blocks[section]:
            kernel.run(block)
        for study in studies:
            assert kernel.ask(
                f"{study}.reason, {{t.state for t in {study}.trials}} <= {{'complete', 'pruned'}}"
            ) == ("('all trials done', True)")
            assert kernel.ask(f"max(t.last_step for t in {study}.trials) in (3, 9)") == "True"
