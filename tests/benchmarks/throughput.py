"""Trials that do nothing but report one number, two at a time: how many a second, and how soon each begins.

Ours on this machine and on a Dask LocalCluster, beside Optuna's processes, Ray Tune and Syne Tune's local
backend; the programs are in noop/, and the other tools have environments of their own. Optuna runs its trials
inside its two processes, so nothing that a trial breaks is contained; it is measured a second time with a
forked process around every objective. Torch loaded: a process forks more slowly the more it has in memory.

    trials/s   from the first trial's begin to the last one's end
    start      from the call that starts the study, of a program that has run another one before, to the
               first line of its first trial
    between    from the end of a trial's code to the first line of the next one in its place
    MB         of memory that no other process uses (USS): of a process that runs a trial; and for each slot,
               of all processes beside the user's own when no trial runs
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.benchmarks.kernels import studies_folder
from tests.benchmarks.rows import Row
from tests.benchmarks.search.environments import CannotInstall, python_of
from tests.processes import PATIENCE_S, tune_processes, wait_until

ROUNDS = 3
WORKERS = 2
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Program:
    """One way to run trials. `file` is in noop/, `environment` one of search/environments.py."""

    name: str
    file: str
    environment: str
    trials: int
    variables: tuple[str, ...] = ()


TORCH = ("BENCH_TORCH",)
PROGRAMS = (
    Program("Optuna", "optuna_processes", "optuna", 200),
    Program("ours", "ours", "main", 200),
    Program("ours on Dask", "ours", "main", 100, ("BENCH_ON_DASK",)),
    Program("Optuna, a process for every trial", "optuna_processes", "optuna", 200, ("BENCH_ISOLATED",)),
    Program("Ray Tune", "ray_tune", "ray", 12),
    Program("Syne Tune", "syne_tune_local", "synetune", 6),
    Program("Optuna, torch loaded", "optuna_processes", "optuna", 200, TORCH),
    Program("ours, torch loaded", "ours", "main", 200, TORCH),
    Program("ours on Dask, torch loaded", "ours", "main", 100, ("BENCH_ON_DASK", *TORCH)),
    Program(
        "Optuna, torch loaded, a process for every trial",
        "optuna_processes",
        "optuna",
        200,
        ("BENCH_ISOLATED", *TORCH),
    ),
    Program("Ray Tune, torch loaded", "ray_tune", "ray", 12, TORCH),
    Program("Syne Tune, torch loaded", "syne_tune_local", "synetune", 6, TORCH),
)


@dataclass(frozen=True)
class Measured:
    """Of one run: trials a second, and seconds to the first trial and between two."""

    rate: float
    start_s: float
    between_s: list[float]


def measure(rounds: int = ROUNDS) -> list[Row]:
    found: dict[str, list[Measured]] = {}
    for number in range(rounds):
        for program in PROGRAMS:
            try:
                python = python_of(program.environment)
            except CannotInstall as error:
                if not number:
                    print(f"{program.name} is left out: {error}")
                continue
            found.setdefault(program.name, []).append(run(program, python))
    return [*_rows(found, ""), *_rows(found, ", torch loaded"), *memory()]


HELD = ("Optuna, torch loaded", "ours, torch loaded", "Ray Tune, torch loaded", "Syne Tune, torch loaded")


def memory() -> Iterator[Row]:
    """Of each program with torch loaded, while two trials run and after them."""
    found = {}
    for program in PROGRAMS:
        if program.name in HELD:
            with contextlib.suppress(CannotInstall):  # `measure` says so
                found[program.name] = held(program, python_of(program.environment))
    for place, what in enumerate(("MB of a running trial", "MB of an idle slot")):
        beside = Row.of(HELD[0], what, [found[HELD[0]][place]])
        yield beside
        for name, each in found.items():
            if name != HELD[0]:
                yield Row.of(name, what, [each[place]], beside=beside)


def held(program: Program, python: Path) -> tuple[list[float], list[float]]:
    """MB of each running trial, and of each slot once these have ended."""
    with started(program, python, "held", WORKERS) as (folder, process):

        def began() -> list[int]:
            lines = [line.split() for line in noted(folder)]
            asked = next((number for number, line in enumerate(lines) if line[0] == "asked"), len(lines))
            return [int(pid) for what, _, pid in lines[asked:] if what == "began"]

        wait_until(lambda: len(began()) == WORKERS, "the trials to begin")
        running = [psutil.Process(pid).memory_full_info().uss / 1e6 for pid in began()]
        (folder / "go").touch()
        wait_until(lambda: any(line.startswith("idle") for line in noted(folder)), "the trials to end")
        others = [each for each in tune_processes(folder) if each.pid != process.pid]
        return running, [sum(each.memory_full_info().uss for each in others) / 1e6 / WORKERS]


def noted(folder: Path) -> list[str]:
    """The lines that noop/times.py has written."""
    file = folder / "times"
    return file.read_text().splitlines() if file.exists() else []


def _rows(found: dict[str, list[Measured]], among: str) -> Iterator[Row]:
    """Of the programs with or without torch, each beside Optuna."""
    each = {name: runs for name, runs in found.items() if ("torch" in name) == bool(among)}
    optuna = f"Optuna{among}"
    for unit, of in (
        ("trials/s", lambda run: [run.rate]),
        ("ms to the start", lambda run: [1000 * run.start_s]),
        ("ms between", lambda run: [1000 * gap for gap in run.between_s]),
    ):
        beside = Row.of(optuna, unit, [of(run) for run in each[optuna]])
        yield beside
        for name, runs in each.items():
            if name != optuna:
                yield Row.of(name, unit, [of(run) for run in runs], beside=beside)


def run(program: Program, python: Path) -> Measured:
    with started(program, python, "trials", program.trials) as (folder, process):
        assert process.wait(PATIENCE_S * 3) == 0, f"{program.name} failed; its output says why"
        return times(folder)


@contextlib.contextmanager
def started(
    program: Program, python: Path, mode: str, trials: int
) -> Iterator[tuple[Path, subprocess.Popen[bytes]]]:
    """The program, run in a folder of its own; all of its processes are killed in the end."""
    with studies_folder() as folder:
        variables = {"JUPYTER_TUNE_DIR": str(folder), "PYTHONPATH": str(ROOT), "SYNETUNE_FOLDER": str(folder)}
        process = subprocess.Popen(
            [python, ROOT / f"tests/benchmarks/noop/{program.file}.py", folder, str(trials), mode],
            env={**os.environ, **variables, **dict.fromkeys(program.variables, "1")},
            cwd=folder,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield folder, process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def times(folder: Path) -> Measured:
    """What the file says that noop/times.py writes."""
    lines = [line.split() for line in noted(folder)]
    asked = next(float(at) for what, at, _ in lines if what == "asked")
    began = sorted(float(at) for what, at, _ in lines if what == "began" and float(at) >= asked)
    ended = sorted(float(at) for what, at, _ in lines if what == "ended" and float(at) >= asked)
    # the trial that takes the place of the first to end is the first after those that began at once
    gaps = [after - before for before, after in zip(ended, began[WORKERS:], strict=False)]
    return Measured(len(ended) / (ended[-1] - began[0]), began[0] - asked, gaps)
