"""Trials per second when a trial does nothing but draw one number and report it, with two workers.

Ours through the whole stack: driver, journal, and a process forked for every trial. Beside Optuna on SQLite:
two processes, random sampler, half of the trials each. Optuna runs its trials inside these two, so nothing
that a trial breaks is contained; it is measured a second time with a forked process around every objective.
Torch loaded: a process forks more slowly the more it has in memory, on both sides.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.kernels import studies_folder
from tests.benchmarks.rows import Row
from tests.processes import PATIENCE_S

ROUNDS = 3
TRIALS = 300

# each program is given its folder and the number of trials, and prints the seconds they took

OURS = """
import sys, time
import jupyter_tune as jt

def objective(x):
    jt.report(score=x, step=1)
    return x

space = jt.Space(x=jt.Float(0.0, 1.0))
folder, trials = sys.argv[1], int(sys.argv[2])
options = dict(maximize="score", workers=2, sampler="random", pruner="none", dir=folder)
jt.tune(objective, space, name="warm-up", trials=4, **options).wait()
study = jt.tune(objective, space, name="noop", trials=trials, **options)
study.wait()
assert [t.state for t in study.trials] == ["complete"] * trials, study
print(max(trial.ended_at for trial in study.trials) - min(trial.started_at for trial in study.trials))
"""

OPTUNA = """
import multiprocessing, os, sys, time
import optuna

optuna.logging.set_verbosity(optuna.logging.WARNING)
folder, trials = sys.argv[1], int(sys.argv[2])
url = f"sqlite:///{folder}/optuna.db"
processes = multiprocessing.get_context("fork")

def score(x):
    return x

def objective(trial):
    value = score(trial.suggest_float("x", 0.0, 1.0))
    trial.report(value, 1)
    return value

def isolated(trial):
    x = trial.suggest_float("x", 0.0, 1.0)
    ours, theirs = processes.Pipe(duplex=False)
    child = processes.Process(target=lambda: theirs.send(score(x)))
    child.start()
    value = ours.recv()
    child.join()
    trial.report(value, 1)
    return value

def work(seed, start, times):
    sampler = optuna.samplers.RandomSampler(seed=seed)
    study = optuna.load_study(study_name="noop", storage=url, sampler=sampler)
    start.wait()
    began = time.time()
    study.optimize(OBJECTIVE, n_trials=trials // 2)
    times.put((began, time.time()))

optuna.create_study(study_name="noop", storage=url, direction="maximize")
start, times = processes.Barrier(2), processes.Queue()
workers = [processes.Process(target=work, args=(seed, start, times)) for seed in (0, 1)]
for worker in workers:
    worker.start()
spans = [times.get() for _ in workers]
for worker in workers:
    worker.join()
study = optuna.load_study(study_name="noop", storage=url)
assert [trial.state.name for trial in study.trials] == ["COMPLETE"] * trials, study.trials
print(max(ended for _, ended in spans) - min(began for began, _ in spans))
"""

TORCH = "import torch\n"
ALONE = OPTUNA.replace("OBJECTIVE", "objective")
ISOLATED = OPTUNA.replace("OBJECTIVE", "isolated")


def measure() -> list[Row]:
    programs = {
        "ours": OURS,
        "Optuna, a process for every trial": ISOLATED,
        "Optuna": ALONE,
        "ours, torch loaded": TORCH + OURS,
        "Optuna, torch loaded, a process for every trial": TORCH + ISOLATED,
    }
    rates: dict[str, list[list[float]]] = {name: [] for name in programs}
    for _ in range(ROUNDS):
        for name, program in programs.items():
            rates[name].append([TRIALS / _seconds(program)])
    optuna = Row.of("Optuna", "trials/s", rates.pop("Optuna"))
    return [*(Row.of(name, "trials/s", rounds, beside=optuna) for name, rounds in rates.items()), optuna]


def _seconds(program: str) -> float:
    with studies_folder() as folder:
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(folder), str(TRIALS)],
            env={**os.environ, "JUPYTER_TUNE_DIR": str(folder), "PYTHONPATH": str(Path(__file__).parents[2])},
            cwd=folder,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=PATIENCE_S)
        finally:
            with contextlib.suppress(ProcessLookupError):  # they have ended, as they should
                os.killpg(process.pid, signal.SIGKILL)
        assert process.returncode == 0, f"it ended with status {process.returncode}; its output says why"
        return float(output)
