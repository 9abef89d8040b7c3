"""Every Python snippet of the README runs as it stands there, in a kernel, from top to bottom."""

from __future__ import annotations

import re
from pathlib import Path

from tests.real_kernel import Kernel

README = Path(__file__).parents[1] / "README.md"


def test_the_snippets_run_in_order(kernel: Kernel) -> None:
    snippets: list[str] = re.findall(r"```python\n(.*?)```", README.read_text(), re.S)
    assert any(snippet.startswith("%%tune") for snippet in snippets)
    assert any("jt.Tuner(" in snippet for snippet in snippets)
    for snippet in snippets:
        if snippet.startswith("%%tune"):
            # slow enough that it still runs when the next snippet narrows it
            snippet = snippet.replace(
                "for epoch in range(1, 28):", "import time\nfor epoch in range(1, 28):\n    time.sleep(0.02)"
            )
        kernel.run(snippet)
    assert kernel.ask("study.state") == "'ended'"
