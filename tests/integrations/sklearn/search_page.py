"""Every block of the page about scikit-learn runs in a kernel, from top to bottom."""

from __future__ import annotations

from tests.docs.pages import blocks
from tests.real_kernel import LOAD, Kernel


def test_the_blocks_run_in_order(kernel: Kernel) -> None:
    kernel.run(LOAD)
    first, *_ = every = blocks("scikit-learn.md")
    for block in every:
        said = kernel.run(block)
        if block is first:
            assert any("application/vnd.jupyter.widget-view+json" in each for each in said.displays)
    assert kernel.ask("search.best_score_ > 0.9 and search.score(X_test, y_test) > 0.9") == "True"
    assert kernel.ask("len(kinds.cv_results_['params'])") == "8"
    assert kernel.ask("by_steps.best_estimator_[-1].t_ // len(X)") == "9"
    assert kernel.ask("several.multimetric_") == "True"
