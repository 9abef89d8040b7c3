"""Every Python snippet of the README runs in a kernel, from top to bottom."""

from __future__ import annotations

import re
from pathlib import Path

from tests.real_kernel import Kernel

README = Path(__file__).parents[1] / "README.md"


def test_the_snippets_run_in_order(kernel: Kernel) -> None:
    snippets: list[str] = re.findall(r"```python\n(.*?)```", README.read_text(), re.S)
    assert any(snippet.startswith("%%tune") for snippet in snippets)
    assert any("jt.Tuner(" in snippet for snippet in snippets)
    steered = kernel.folder / "steered"
    wait = f"import os, time\nwhile not os.path.exists({str(steered)!r}):\n    time.sleep(0.01)\n"
    for snippet in snippets:
        if snippet.startswith("%%tune"):
            # keep the study running until the next snippet has steered it
            snippet = snippet.replace("for epoch in", f"{wait}for epoch in")
        kernel.run(snippet.replace("await study", f"open({str(steered)!r}, 'w').close()\nawait study"))
    assert steered.exists()
    assert kernel.ask("study.state") == "'ended'"
