"""The blocks of docs/integrations.md, section by section."""

from __future__ import annotations

from collections.abc import Mapping

from tests.docs.pages import sections
from tests.real_kernel import LOAD, Kernel

PAGE = "integrations.md"


def check_sections(kernel: Kernel, studies: Mapping[str, str]) -> None:
    """Run these sections in a kernel, in their order. Every trial ends well, and one of each with all steps.

    Args: studies: section -> the variable of its study.
    """
    kernel.run(LOAD)
    blocks = sections(PAGE)
    kernel.run(*blocks[""])
    for section, study in studies.items():
        for block in blocks[section]:
            kernel.run(block)
        ended = kernel.ask(f"{study}.reason, {{t.state for t in {study}.trials}} <= {{'complete', 'pruned'}}")
        assert ended == "('all trials done', True)", section
        assert kernel.ask(f"max(t.last_step for t in {study}.trials) in (3, 9)") == "True", section
