"""What a callback costs: the same trainings with it and without, in turn, in a trial of a real study.

    python -m tests.benchmarks.callbacks.overhead [REPEATS]

Prints, for each library, the time of a step, what the callback adds to it, and the ratio of the two trainings
with a 95 % interval of its median (by resampling the repeats).
"""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import jupyter_tune as jt
from tests.benchmarks.markdown import table

REPEATS = 15
STEPS = {"XGBoost": 40, "LightGBM": 40, "PyTorch Lightning": 8}
RESAMPLES = 2000


def digits(times: int) -> tuple[Any, Any]:
    """scikit-learn's digits, repeated."""
    import numpy as np
    from sklearn.datasets import load_digits

    data = load_digits()
    return np.tile(data.data / 16, (times, 1)).astype("float32"), np.tile(data.target, times)


def xgboost() -> Callable[[bool], object]:
    import xgboost as xgb

    from jupyter_tune.integrations.xgboost import TuneCallback

    matrix = xgb.DMatrix(*digits(10))
    params = {"objective": "multi:softprob", "num_class": 10, "nthread": 1}
    return lambda tuned: xgb.train(
        params,
        matrix,
        STEPS["XGBoost"],
        evals=[(matrix, "valid")],
        callbacks=[TuneCallback()] if tuned else [],
        verbose_eval=False,
    )


def lightgbm() -> Callable[[bool], object]:
    import lightgbm as lgb

    from jupyter_tune.integrations.lightgbm import TuneCallback

    x, y = digits(10)
    params = {"objective": "multiclass", "num_class": 10, "num_threads": 1, "verbose": -1}

    def train(tuned: bool) -> object:
        data = lgb.Dataset(x, y)
        callbacks: list[Callable[..., Any]] = [TuneCallback()] if tuned else []
        return lgb.train(params, data, STEPS["LightGBM"], valid_sets=[data], callbacks=callbacks)

    return train


def lightning() -> Callable[[bool], object]:
    import lightning.pytorch as pl
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    from jupyter_tune.integrations.lightning import TuneCallback
    from tests.integrations.callbacks.trainings.lightning_epochs import Digits

    x, y = digits(10)
    loader = DataLoader(TensorDataset(torch.tensor(x), torch.tensor(y)), 100)

    def train(tuned: bool) -> object:
        trainer = pl.Trainer(
            max_epochs=STEPS["PyTorch Lightning"],
            callbacks=[TuneCallback()] if tuned else [],
            accelerator="cpu",
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        trainer.fit(Digits(0.01), loader, loader)
        return trainer

    return train


LIBRARIES = {"XGBoost": xgboost, "LightGBM": lightgbm, "PyTorch Lightning": lightning}


def measured(name: str, repeats: int, to: str) -> Callable[..., None]:
    """The function of a study, which trains in turn and writes the seconds of each training."""

    def train(x: jt.Float(0.0, 1.0) = 0.5) -> None:  # type: ignore[valid-type]
        run = LIBRARIES[name]()
        run(False)
        run(True)
        seconds: list[tuple[float, float]] = []
        for repeat in range(repeats):
            pair = {}
            # each of them first in every other repeat
            for tuned in (False, True) if repeat % 2 else (True, False):
                begin = time.perf_counter()
                run(tuned)
                pair[tuned] = time.perf_counter() - begin
            seconds.append((pair[False], pair[True]))
        Path(to).write_text(json.dumps(seconds))
        jt.report(done=1)

    return train


def interval(ratios: list[float]) -> tuple[float, float]:
    """95 % of the medians of resampled ratios."""
    draw = random.Random(0)
    medians = sorted(statistics.median(draw.choices(ratios, k=len(ratios))) for _ in range(RESAMPLES))
    return medians[RESAMPLES // 40], medians[-RESAMPLES // 40]


def main() -> None:
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else REPEATS
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name in LIBRARIES:
            to = f"{folder}/{name}.json"
            study = jt.tune(
                measured(name, repeats, to), maximize="done", trials=1, workers=1, pruner="none", dir=folder
            )
            with closing(study):
                study.wait()
            pairs = json.loads(Path(to).read_text())
            bare = statistics.median(pair[0] for pair in pairs) / STEPS[name]
            added = statistics.median(pair[1] - pair[0] for pair in pairs) / STEPS[name]
            ratios = [pair[1] / pair[0] for pair in pairs]
            low, high = interval(ratios)
            rows.append(
                [
                    name,
                    f"{1000 * bare:.0f} ms",
                    f"{1000 * added:.1f} ms",
                    f"× {statistics.median(ratios):.3f} ({low:.3f}–{high:.3f})",
                ]
            )
    print(table(["Library", "a step", "the callback adds", "ratio of the trainings"], rows))
    load = f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    print(f"\n{repeats} repeats of {STEPS['XGBoost']} rounds or {STEPS['PyTorch Lightning']} epochs; {load}")


if __name__ == "__main__":
    main()
