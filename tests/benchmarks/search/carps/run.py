"""CARP-S runs our search and its own optimizers on its own tasks.

    python -m tests.benchmarks.search.carps.run [--trials 40] [--seeds 3] [--part test] [--only NAME ...]

The tasks are CARP-S' published selection for black-box optimisation, 20 for development and 20 to test.
Those of BBOB need no data; those of YAHPO need its surrogates, which are cloned to
out/bench-search/carps/data unless they are there. Tasks whose data are missing are left out and named.

CARP-S' own runner makes each run, from its configurations of tasks and optimizers; only the number of
trials is reduced. Its logs lie in out/bench-search/carps/runs/OPTIMIZER/TASK/SEED, and a run whose log has
all trials is not made again.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.search.carps.report import log_of, report
from tests.benchmarks.search.environments import python_of
from tests.benchmarks.search.results import FOLDER

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[4]
DATA, RUNS = FOLDER / "carps" / "data", FOLDER / "carps" / "runs"
TRIALS, SEEDS = 40, 3
PARTS = ("dev", "test")
# what reports call it -> its configuration in CARP-S, or in configs/
OPTIMIZERS = {
    "jupyter_tune": "jupyter_tune=gp",
    "random": "randomsearch=config",
    "optuna-tpe": "optuna=SO_TPE",
    "hyperopt": "nevergrad=Hyperopt",
    "cma-es": "nevergrad=cmaes",
    "smac-hpo": "smac20=hpo",
    "skopt-gp": "scikit_optimize=BO",
}
SURROGATES = "https://github.com/slds-lmu/yahpo_data.git"
LOGGER = "loggers=[{_target_: short_log.ShortFileLogger, _partial_: true}]"


@dataclass(frozen=True)
class Task:
    """`part`: of CARP-S' selection, dev or test; `name`: of its configuration there."""

    part: str
    name: str

    @property
    def lacks(self) -> str:
        """The data that it needs and that are not there; "" if none."""
        _, kind, *rest = self.name.split("_")
        if kind == "bbob":
            return ""
        if kind != "yahpo":
            return f"the data of {kind}"
        scenario = "_".join(rest[:-2])
        return "" if (DATA / "yahpo_data" / scenario / "model.onnx").exists() else f"YAHPO's {scenario}"


def tasks(python: Path) -> list[Task]:
    """CARP-S' selection."""
    found = sorted(_package(python).glob("configs/task/subselection/blackbox/*/subset_*.yaml"))
    return [Task(path.parent.name, path.stem) for path in found]


def prepare(python: Path) -> None:
    """YAHPO's surrogates, in the form that this ConfigSpace reads."""
    folder = DATA / "yahpo_data"
    if folder.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    print(f"cloning {SURROGATES} (2 GB) …", file=sys.stderr, flush=True)
    if subprocess.run(["git", "clone", "--depth=1", SURROGATES, str(folder)]).returncode == 0:
        patch = _package(python) / "container/recipes/benchmarks/YAHPO/patch_yahpo_configspace.py"
        subprocess.run([str(python), str(patch)], env=_environment(), check=True)


def missing(found: Sequence[Task], names: Sequence[str], seeds: int, trials: int) -> Iterator[list[str]]:
    """The arguments of CARP-S' runner for what has not been run: a seed of one optimizer at a time."""
    for seed in range(1, seeds + 1):
        for name in names:
            for part in PARTS:
                left = [
                    task.name
                    for task in found
                    if task.part == part and len(log_of(RUNS / name / task.name / str(seed))) < trials
                ]
                if left:
                    yield _arguments(name, part, left, seed, trials)


def _arguments(name: str, part: str, left: Sequence[str], seed: int, trials: int) -> list[str]:
    group = f"task/subselection/blackbox/{part}"
    folder = f"{RUNS / name}/${{hydra:runtime.choices.{group}}}/${{seed}}"
    return [
        "--multirun",
        f"hydra.searchpath=[file://{HERE / 'configs'}]",
        f"+optimizer/{OPTIMIZERS[name]}",
        f"+{group}={','.join(left)}",
        f"seed={seed}",
        f"++task.optimization_resources.n_trials={trials}",
        f"outdir={folder}",
        f"hydra.sweep.dir={RUNS / name}",
        f"hydra.sweep.subdir=${{hydra:runtime.choices.{group}}}/${{seed}}",
        LOGGER,
    ]


def _environment() -> dict[str, str]:
    # the adapter has a module of its own: some library there installs a package `tests`
    path = os.pathsep.join([str(ROOT), str(HERE)])
    one = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return {**os.environ, **one, "PYTHONPATH": path, "CARPS_TASK_DATA_DIR": str(DATA)}


def _package(python: Path) -> Path:
    found = subprocess.run(
        [str(python), "-c", "import carps; print(carps.__path__[0])"],
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(found.stdout.strip())


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Our search and others in CARP-S.")
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--part", choices=PARTS, help="of the selection; both by default")
    parser.add_argument("--only", nargs="+", choices=OPTIMIZERS, default=list(OPTIMIZERS))
    options = parser.parse_args(arguments)
    python = python_of("carps")
    prepare(python)
    everything = tasks(python)
    found = [task for task in everything if not task.lacks]
    wanted = [task for task in found if options.part in (None, task.part)]
    wrong = []
    for left in missing(wanted, options.only, options.seeds, options.trials):
        print(" ".join(left[2:5]), file=sys.stderr, flush=True)
        RUNS.mkdir(parents=True, exist_ok=True)
        with (RUNS / "last.log").open("w") as log:
            command = [str(python), "-W", "ignore", "-m", "carps.run", *left]
            done = subprocess.run(command, env=_environment(), cwd=RUNS, stdout=log, stderr=log)
        if done.returncode:
            wrong.append(f"{left[2]}: see {RUNS / 'last.log'}")
            print(f"FAILED: {wrong[-1]}", file=sys.stderr, flush=True)
    print(report(RUNS, list(OPTIMIZERS), [task.name for task in found], options.seeds, options.trials))
    for task in everything:
        if task.lacks:
            print(f"left out: {task.part} {task.name}, for want of {task.lacks}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
