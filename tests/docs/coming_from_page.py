"""Our side of the pages for users of other tuners, in a kernel, as it stands. `make test-docs` runs it."""

from __future__ import annotations

import pytest

from tests.docs.pages import side
from tests.real_kernel import LOAD, Kernel

SCRIPT = """
import sys
given = dict(zip(sys.argv[1::2], sys.argv[2::2]))
for epoch in range(1, 10):
    print(f"accuracy={1 - abs(float(given['--lr']) - 0.01) - 0.5 / epoch}", flush=True)
"""

PAGES = {
    "coming-from-optuna.md": 6,
    "coming-from-ray-tune.md": 4,
    "coming-from-wandb-sweeps.md": 1,
    "sagemaker.md": 1,
}
"""Page -> the number of its examples."""


@pytest.mark.parametrize("page", PAGES)
def test_our_side_runs(kernel: Kernel, page: str) -> None:
    (kernel.folder / "train.py").write_text(SCRIPT)
    kernel.run(LOAD)
    blocks = side(page, "jupyter_tune")
    assert len(blocks) == PAGES[page]
    for block in blocks:
        kernel.run(block)
        assert kernel.ask("{t.state for t in study.trials} <= {'complete', 'pruned'}") == "True"
        assert kernel.ask("study.state, bool(study.best_trials)") == "('ended', True)"
