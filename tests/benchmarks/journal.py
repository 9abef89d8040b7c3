"""A long study as a file: what it takes to find it in a list, open it and look at it, and how large it is.

10,000 complete trials with 3 params and 30 reports each, in our journal, beside Optuna's JournalStorage with
a file and its RDBStorage with SQLite, which run in an environment of their own; the programs are in stored/.
CPU seconds of a new process for each round, with its imports done and the file in the system's cache:

    list       every study of the place, with its number of trials and its best one
    open       until there is a study object; Optuna's database reads no trials for it
    trials     all trials of it, with their curves, right after that
    frame      trials_dataframe(), after that
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.kernels import studies_folder
from tests.benchmarks.rows import Row
from tests.benchmarks.search.environments import CannotInstall, python_of

TRIALS = int(os.environ.get("TRIALS", "10000"))
ROUNDS = 3
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Form:
    """A way to store a study. `program` is in stored/, `environment` one of search/environments.py."""

    name: str
    program: str
    environment: str
    form: str
    file: str


FORMS = (
    Form("Optuna, SQLite", "optuna_storages", "optuna-storage", "sqlite", "long.db"),
    Form("Optuna, journal file", "optuna_storages", "optuna-storage", "log", "long.log"),
    Form("ours", "ours", "main", "journal", "long.tune.db"),
)
PARTS = {"list": ["list"], "open": ["open"], "open and trials": ["open", "trials"], "frame": ["frame"]}


def measure(rounds: int = ROUNDS) -> list[Row]:
    with studies_folder() as folder:
        there = [form for form in FORMS if _is_filled(form, folder)]
        found: dict[str, list[dict[str, float]]] = {form.name: [] for form in there}
        for _ in range(rounds):
            for form in there:
                found[form.name].append(json.loads(_run(form, "read", folder)))
        sizes = {form.name: (folder / form.name / form.file).stat().st_size / 1e6 for form in there}
    rows = []
    for part, keys in PARTS.items():
        seconds = {
            name: [[sum(each[key] for key in keys)] for each in taken] for name, taken in found.items()
        }
        rows += _beside_the_others(f"{part}, {TRIALS:,} trials", "s of CPU", seconds)
    memory = {name: [[each["memory"] / 1e6] for each in taken] for name, taken in found.items()}
    rows += _beside_the_others("memory of the process", "MB", memory)
    return rows + _beside_the_others("file", "MB", {name: [[size]] for name, size in sizes.items()})


def _is_filled(form: Form, folder: Path) -> bool:
    """Write the file; whether the form's program can run here."""
    (folder / form.name).mkdir()
    try:
        _run(form, "fill", folder)
    except CannotInstall as error:
        print(f"{form.name} is left out: {error}")
        return False
    return True


def _run(form: Form, what: str, folder: Path) -> str:
    """What the program prints."""
    file = folder / form.name / form.file
    return subprocess.run(
        [
            python_of(form.environment),
            ROOT / f"tests/benchmarks/stored/{form.program}.py",
            what,
            form.form,
            file,
            str(TRIALS),
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


def _beside_the_others(part: str, unit: str, measured: dict[str, list[list[float]]]) -> list[Row]:
    """A row for each form: ours beside each of Optuna's."""
    others = [Row.of(f"{name}: {part}", unit, rounds) for name, rounds in measured.items() if name != "ours"]
    if not others:
        return [Row.of(f"ours: {part}", unit, measured["ours"])]
    return [*others, *(Row.of(f"ours: {part}", unit, measured["ours"], beside=other) for other in others)]
