"""Counts the lines that a user writes to tune a library's tutorial example with pruning.

    python -m tests.benchmarks.callbacks.count_lines

Each folder of lines/ has the example as it is (plain.py), and tuned by this package (a cell, ours.txt), by
Optuna with its integration (optuna_.py) and by Ray Tune (ray_.py). Counted are lines that the tuned one has
and the plain one has not: added or changed, without blank lines, comments and brackets that stand alone.
Python is formatted by ruff as the rest of this package, the cell by hand.
"""

from __future__ import annotations

import difflib
from pathlib import Path

from tests.benchmarks.markdown import table

FOLDER = Path(__file__).parent / "lines"
TUNED = {"jupyter_tune": "ours.txt", "Optuna": "optuna_.py", "Ray Tune": "ray_.py"}


def code_of(path: Path) -> list[str]:
    """The lines that count, without their indentation: a loop around the example is one line more."""
    lines = [line.strip() for line in path.read_text().splitlines()]
    return [line for line in lines if line and not line.startswith(("#", '"""')) and line.strip("()[]{},:")]


def written(plain: Path, tuned: Path) -> int:
    """How many lines of `tuned` are not in `plain`."""
    compared = difflib.SequenceMatcher(a=code_of(plain), b=code_of(tuned), autojunk=False)
    return len(code_of(tuned)) - sum(block.size for block in compared.get_matching_blocks())


def rows() -> list[list[str]]:
    return [
        [
            folder.name,
            str(len(code_of(folder / "plain.py"))),
            *(str(written(folder / "plain.py", folder / file)) for file in TUNED.values()),
        ]
        for folder in sorted(FOLDER.iterdir())
        if folder.is_dir()
    ]


if __name__ == "__main__":
    print(table(["Example of", "its lines", *TUNED], rows()))
