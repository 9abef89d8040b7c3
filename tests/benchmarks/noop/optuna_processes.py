"""Optuna on SQLite: two processes that run their trials inside, so nothing that a trial breaks is contained.

With BENCH_ISOLATED, a forked process around every objective.
"""

import multiprocessing
import os

import optuna

from tests.benchmarks.noop.times import arguments, asked, stay, trial

if os.environ.get("BENCH_TORCH"):
    import torch  # noqa: F401

FOLDER, TRIALS, MODE = arguments()
optuna.logging.set_verbosity(optuna.logging.WARNING)
URL = f"sqlite:///{FOLDER}/optuna.db"
PROCESSES = multiprocessing.get_context("fork")
ISOLATED = bool(os.environ.get("BENCH_ISOLATED"))


def score(x):
    trial(FOLDER, MODE)
    return x


def objective(suggested):
    x = suggested.suggest_float("x", 0.0, 1.0)
    if ISOLATED:
        ours, theirs = PROCESSES.Pipe(duplex=False)
        child = PROCESSES.Process(target=lambda: theirs.send(score(x)))
        child.start()
        value = ours.recv()
        child.join()
    else:
        value = score(x)
    suggested.report(value, 1)
    return value


def work(seed, start):
    sampler = optuna.samplers.RandomSampler(seed=seed)
    study = optuna.load_study(study_name="noop", storage=URL, sampler=sampler)
    start.wait()
    study.optimize(objective, n_trials=TRIALS // 2)


optuna.create_study(study_name="noop", storage=URL, direction="maximize")
start = PROCESSES.Barrier(3)
workers = [PROCESSES.Process(target=work, args=(seed, start)) for seed in (0, 1)]
for worker in workers:
    worker.start()
start.wait()
asked(FOLDER)
for worker in workers:
    worker.join()
study = optuna.load_study(study_name="noop", storage=URL)
assert [each.state.name for each in study.trials] == ["COMPLETE"] * TRIALS, study.trials
stay(FOLDER, MODE)
