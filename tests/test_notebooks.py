"""Every cell of the notebooks runs in a kernel, from top to bottom, with studies small enough for a test."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from tests.real_kernel import Kernel

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"

SMALLER = {
    "quickstart": {
        "--trials 30 --max-steps 27": "--trials 3 --max-steps 2",
        "range(1, 28)": "range(1, 3)",
    },
    "seed_experiments": {
        "ROOT = Path.cwd().parent": f"ROOT = Path({str(ROOT)!r})",
        'ROOT / "out" / "bench-seed" / "curves"': "Path('curves')",
        "else STAND_INS": (
            "else STAND_INS\n"
            "from dataclasses import replace\n"
            "experiments = {name: replace(e, epochs=3, sample=0, target=0.5 if e.target_share else e.target, "
            "methods=tuple(replace(method, trials=2) for method in e.methods)) "
            "for name, e in experiments.items()}"
        ),
        "seeds=2": "seeds=1",
        "--target 0.96 --trials 60": "--trials 2",
        "--max-steps 27": "--max-steps 2",
        "range(1, 28)": "range(1, 3)",
    },
}


def test_there_are_no_others() -> None:
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} == SMALLER.keys()


@pytest.mark.parametrize("name", SMALLER)
def test_every_cell_runs(kernel: Kernel, name: str) -> None:
    cells = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    for text, smaller in SMALLER[name].items():
        assert any(text in source for source in sources), text
        sources = [source.replace(text, smaller) for source in sources]
    for source in sources:
        kernel.run(source)
    assert kernel.ask("study.state, study.best_value > 0") == "('ended', True)"
