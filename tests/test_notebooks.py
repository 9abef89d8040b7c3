"""The notebooks: two run here in a kernel, from top to bottom, with studies small enough for a test.

Those of docs/gallery.md run by `make notebooks`, with their libraries and in full size. Here they are read.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from jupyter_tune.core.settings import needed_metrics
from jupyter_tune.launch.option import MAGIC
from jupyter_tune.launch.option_line import read_line
from jupyter_tune.launch.options import make_settings, options_of, read_options
from jupyter_tune.notebook.cell import parse
from notebooks.pictures import TAG, picture, tagged
from notebooks.run import GALLERY, Run
from tests.real_kernel import LOAD, Kernel

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
PAGE = ROOT / "docs" / "gallery.md"
LARGEST_PICTURE = 60_000

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


def cells_of(name: str) -> list[NotebookNode]:
    cells: list[NotebookNode] = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells
    return cells


def code_of(name: str) -> list[str]:
    return [cell.source for cell in cells_of(name) if cell.cell_type == "code"]


def test_there_are_no_others() -> None:
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} == {*SMALLER, *GALLERY}


@pytest.mark.parametrize("name", SMALLER)
def test_every_cell_runs(kernel: Kernel, name: str) -> None:
    sources = code_of(name)
    for text, smaller in SMALLER[name].items():
        assert any(text in source for source in sources), text
        sources = [source.replace(text, smaller) for source in sources]
    for source in sources:
        kernel.run(source)
    assert kernel.ask("study.state, study.best_value > 0") == "('ended', True)"


TUNED = """%%tune --maximize y --trials 3 --name small
x: Float(0, 1) = 0.5
y = 1 / (x != {failing})
"""


def run_of(folder: Path, *sources: str) -> Run:
    """The run of a notebook of these cells, the last of them with its picture."""
    cells = [nbformat.v4.new_code_cell(source) for source in (LOAD, *sources)]
    cells[-1].metadata.tags = [TAG]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "small.ipynb")
    return Run(folder / "small.ipynb", folder / "out")


def test_a_run_says_what_was_found_and_draws_the_tagged_figure(tmp_path: Path) -> None:
    run = run_of(tmp_path, TUNED.format(failing=2), "study.plot_optimization_history()")
    assert run.execute() is None
    assert re.fullmatch(r"small +\d+ s    3 trials  best y 1\.0000", run.line())
    assert picture(run.notebook).startswith(b"\x89PNG")
    assert "best y" in (tmp_path / "out" / "small.html").read_text()


def test_a_run_with_a_failed_trial_has_failed(tmp_path: Path) -> None:
    problem = run_of(tmp_path, TUNED.format(failing=0.5)).execute()
    assert problem is not None
    assert problem.startswith("small: 1 trials failed; trial 0: ")
    assert "ZeroDivisionError" in problem


def test_a_run_with_a_cell_that_raises_has_failed(tmp_path: Path) -> None:
    problem = run_of(tmp_path, "1 / 0").execute()
    assert problem is not None
    assert "ZeroDivisionError" in problem


@pytest.mark.parametrize("name", GALLERY)
def test_tuned_cells_have_ranges_and_options_that_hold(name: str) -> None:
    for source in code_of(name):
        if source.startswith("%%tune"):
            line, _, cell = source.removeprefix("%%tune").partition("\n")
            options = read_options(read_line(line, options_of(MAGIC)), MAGIC)
            parsed = parse("\n" + cell, {})
            if "command" in options:
                parsed.check_declarations_only()
            elif "TuneCallback" not in parsed.uses:
                for metric in needed_metrics(make_settings(options, MAGIC), parsed.space):
                    parsed.check_metric(metric)


@pytest.mark.parametrize("name", GALLERY)
def test_what_is_imported_is_used_and_what_ran_is_not_kept(name: str) -> None:
    code = [cell for cell in cells_of(name) if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    plain = (re.sub(r"^(%|!).*$", "", cell.source, flags=re.M) for cell in code)
    nodes = [node for source in plain for node in ast.walk(ast.parse(source))]
    imported = {
        alias.asname or alias.name.partition(".")[0]
        for node in nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    in_magics = {
        word
        for cell in code
        for line in re.findall(r"^[%!].*$", cell.source, re.M)
        for word in re.findall(r"\w+", line)
    }
    assert imported <= {node.id for node in nodes if isinstance(node, ast.Name)} | in_magics


def test_the_gallery_has_each_notebook_with_its_picture() -> None:
    shown = re.findall(
        r"^\[!\[[^\]]+\]\(gallery/(\w+)\.png\)\]\(\.\./notebooks/(\w+)\.ipynb\)$", PAGE.read_text(), re.M
    )
    assert shown == [(name, name) for name in GALLERY]
    for name in GALLERY:
        picture = (ROOT / "docs" / "gallery" / f"{name}.png").read_bytes()
        assert picture.startswith(b"\x89PNG")
        assert len(picture) <= LARGEST_PICTURE, name
        assert len(tagged(nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4))) == 1, name
