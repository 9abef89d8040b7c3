"""Kill and resume: how many decisions differ from an undisturbed run, in a study that is batch-deterministic.

    python -m tests.benchmarks.kills.deterministic --moments 100

Each study's driver is killed (SIGKILL) at a random moment of its course, and the study goes on by
`study.resume()`. Compared with a run that nobody disturbed: trials that are missing, and those whose params,
state, value, curve or reason are others.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import jupyter_tune as jt
from jupyter_tune import journal
from jupyter_tune.errors import OptionError

TRIALS = 18


def train(x: float, lr: float) -> None:
    pace = random.SystemRandom()
    for step in range(1, 10):
        time.sleep(pace.expovariate(200))
        jt.report(score=round(1 - (x - 0.3) ** 2 - abs(lr - 0.1) / step, 3), step=step)


def begin(folder: Path, name: str) -> Any:
    space = {"x": jt.Float(0, 1), "lr": jt.Float(1e-3, 1, log=True)}
    return jt.tune(
        train, space, maximize="score", trials=TRIALS, workers=3, max_steps=9, sampler="random", dir=folder,
        name=name, batch_deterministic=True,
    )  # fmt: skip


def decisions_of(study: Any) -> dict[int, Any]:
    trials = study.snapshot().trials
    return {n: (t.params, t.source, t.state, t.value, t.curve, t.reason) for n, t in trials.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--moments", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        calm = begin(folder, "calm")
        calm.wait()
        snapshot = calm.snapshot()
        expected, length_s = decisions_of(calm), snapshot.clock(snapshot.ended_at)
        lost = differ = hit = 0
        for moment in range(asked.moments):
            study = begin(folder, f"killed-{moment}")
            time.sleep(chance.uniform(0, length_s))
            holder = journal.holder(study.path)
            if holder is not None:
                hit += 1
                os.kill(holder["pid"], signal.SIGKILL)
            while not study.is_over:
                time.sleep(0.01)
            # the last records may not have reached this process before the kill
            with suppress(OptionError):
                study.resume()
            study.wait()
            found = decisions_of(study)
            lost += len(expected.keys() - found.keys())
            differ += sum(found[n] != expected[n] for n in expected.keys() & found.keys())
            study.close()
        print(
            f"{asked.moments} moments, {hit} drivers killed, {length_s:.1f} s a study, load "
            f"{os.getloadavg()[0]:.1f}: {lost} trials lost, {differ} of {asked.moments * TRIALS} differ"
        )


if __name__ == "__main__":
    main()
