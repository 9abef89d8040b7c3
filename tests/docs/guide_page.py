"""The blocks of pages of the guide, in a kernel, from top to bottom. `make test-docs` runs it."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import DOCS, blocks
from tests.real_kernel import LOAD, Kernel

A_STUDY = """%%tune --maximize accuracy --trials 14 --sampler random --wait
lr: Float(1e-4, 1e-1, log=True) = 1e-2
accuracy = 1 - 10 * abs(lr - 0.03)
"""

FIRST = {"getting-started.md": "", "stopping.md": f"{LOAD}\n{A_STUDY}"}
"""Page -> what has been run before it, if it is more than loading the extension."""

STEERED = {"getting-started.md"}

AFTER = {
    "getting-started.md": ("study.best_value > 0.5, len(study.trials), len(tuned.trials)", "(True, 12, 6)"),
    "clusters.md": ("study.wait() or {t.slot.split(':')[0] for t in study.trials} != {'cpu'}", "True"),
    "commands.md": ("study.wait() or (study.state, len(study.trials))", "('ended', 6)"),
    "stopping.md": ("len(study.forecast().gains) > 0", "True"),
    "trials.md": (
        "len(second.trials), len(both.best_trials) > 0, validated.best_trial.standard_error > 0, "
        "bool(sure.confirmed), tuner.is_done",
        "(12, True, True, True, True)",
    ),
    "warm-start.md": (
        "study.state, len(study.trials), len(second.trials) > 8, second.best_value >= 0.9",
        "('ended', 8, True, True)",
    ),
}
"""Page -> what is asked at its end, and the answer."""


@pytest.mark.parametrize("page", AFTER)
def test_the_blocks_run_in_order(kernel: Kernel, page: str) -> None:
    for cell in FIRST.get(page, LOAD).split("\n", 1):
        kernel.run(cell)
    for script in re.findall(r"^```python3\n(import sys.*?)^```", (DOCS / page).read_text(), re.S | re.M):
        (kernel.folder / "train.py").write_text(script)
    steered = kernel.folder / "steered"
    wait = f"import os, time\nwhile not os.path.exists({str(steered)!r}):\n    time.sleep(0.01)\n"
    for block in blocks(page):
        if block.startswith("study.wait()"):
            steered.touch()
        # a study that the page steers runs until it was steered
        is_steered = page in STEERED and block.startswith("%%tune")
        kernel.run(block.replace("for epoch in", f"{wait}for epoch in") if is_steered else block)
    question, answer = AFTER[page]
    assert kernel.ask(question) == answer
