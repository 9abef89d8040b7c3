"""Syne Tune's local backend: a Python program started for every trial. The trials run this file too."""

import argparse
import logging
import os
import sys
from pathlib import Path


def run_trial():
    parser = argparse.ArgumentParser()
    parser.add_argument("--x", type=float)
    parser.add_argument("--folder")
    parser.add_argument("--mode")
    given, _ = parser.parse_known_args()
    from tests.benchmarks.noop.times import trial

    if os.environ.get("BENCH_TORCH"):
        import torch  # noqa: F401
    from syne_tune import Reporter

    report = Reporter()
    trial(given.folder, given.mode)
    report(score=given.x, step=1)


def run(name, folder, trials, mode):
    from syne_tune import StoppingCriterion, Tuner
    from syne_tune.backend import LocalBackend
    from syne_tune.config_space import uniform
    from syne_tune.optimizer.baselines import RandomSearch

    space = {"x": uniform(0.0, 1.0), "folder": folder, "mode": mode}
    tuner = Tuner(
        trial_backend=LocalBackend(entry_point=str(Path(__file__).resolve())),
        scheduler=RandomSearch(space, metrics=["score"], do_minimize=False, random_seed=0),
        stop_criterion=StoppingCriterion(max_num_trials_finished=trials),
        n_workers=2,
        sleep_time=0.01,
        print_update_interval=3600,
        tuner_name=name,
        save_tuner=False,
        wait_trial_completion_when_stopping=True,
    )
    tuner.run()


def main():
    from tests.benchmarks.noop.times import arguments, asked, stay

    folder, trials, mode = arguments()
    logging.disable(logging.WARNING)
    run("warm-up", folder, 2, "trials")
    asked(folder)
    run("noop", folder, trials, mode)
    stay(folder, mode)


if __name__ == "__main__":
    run_trial() if any(word.startswith("--") for word in sys.argv[1:]) else main()
