"""Ray Tune on one machine: an actor, in a process of its own, for every trial."""

import os

os.environ |= {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
}

import ray
from ray import tune

from tests.benchmarks.noop.times import arguments, asked, stay, trial

FOLDER, TRIALS, MODE = arguments()
TORCH = bool(os.environ.get("BENCH_TORCH"))


def run(name, trials, mode):
    folder = FOLDER

    def objective(config):
        if TORCH:
            import torch  # noqa: F401
        trial(folder, mode)
        tune.report({"score": config["x"]})

    tuner = tune.Tuner(
        tune.with_resources(objective, {"cpu": 1}),
        param_space={"x": tune.uniform(0.0, 1.0)},
        tune_config=tune.TuneConfig(metric="score", mode="max", num_samples=trials, max_concurrent_trials=2),
        run_config=tune.RunConfig(name=name, storage_path=folder, verbose=0),
    )
    results = tuner.fit()
    assert not results.errors, results.errors
    assert len(results) == trials


ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, _temp_dir=f"{FOLDER}/r")
run("warm-up", 4, "trials")
asked(FOLDER)
run("noop", TRIALS, MODE)
stay(FOLDER, MODE)
ray.shutdown()
