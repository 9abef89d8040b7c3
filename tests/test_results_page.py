"""Every block of the page about results runs in a kernel, from top to bottom."""

from __future__ import annotations

import re
from pathlib import Path

from tests.real_kernel import LOAD, Kernel

PAGE = Path(__file__).parents[1] / "docs" / "results.md"


def test_the_blocks_run_in_order(kernel: Kernel) -> None:
    kernel.run(LOAD)
    kernel.run("import jupyter_tune as jt")
    blocks: list[str] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)
    assert blocks[0].startswith("%%tune")
    for block in blocks:
        kernel.run(block)
    assert (
        kernel.ask("list(best.artifacts), [w.shape[0] for w in weights.values()][0]")
        == "(['weights.npz'], 64)"
    )
