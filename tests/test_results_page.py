"""Every block of the page about results runs in a kernel, from top to bottom."""

from __future__ import annotations

from tests.docs.pages import blocks
from tests.real_kernel import LOAD, Kernel


def test_the_blocks_run_in_order(kernel: Kernel) -> None:
    kernel.run(LOAD)
    kernel.run("import jupyter_tune as jt")
    assert blocks("results.md")[0].startswith("%%tune")
    for block in blocks("results.md"):
        kernel.run(block)
    number = kernel.ask("best.number")
    assert kernel.ask("study.tags, list(study.notes)") == (
        f"({{'data': 'digits', 'reviewed': True}}, [None, {number}])"
    )
    assert "[data=digits, reviewed]" in kernel.run("%tune list --tag reviewed").text
    assert kernel.run("%tune list --tag reviewed=no").text.startswith("No studies")
    assert (
        kernel.ask("list(best.artifacts), [w.shape[0] for w in weights.values()][0]")
        == "(['weights.npz'], 64)"
    )
    # of trials that ran at once, each has its own
    widths = "[t.load()['arr_0'].shape[1] for t in study.trials]"
    assert kernel.ask(f"{widths} == [t.params['width'] for t in study.trials]") == "True"
    page = (kernel.folder / "report.html").read_text()
    assert "expected accuracy over" in page, "the charts of the model"
    assert page.count("<img") >= 5
    assert (kernel.folder / "trials.csv").read_text().startswith("number,value,state,params_width")
    assert "<iframe" in kernel.ask("report._repr_html_()")
