"""What `--batch-deterministic` costs: how long a study takes in virtual time, relative to one without rounds.

120 trials of random search with the engine, the pruner and the rules as they are; suggestions and halts take
no time. Lengths: all trials take as long, or each between once and twice as long as the shortest. No figure
depends on the machine; one sample for each seed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random

from jupyter_tune.core.commands import Launch
from jupyter_tune.core.events import TrialEnded, TrialReported, TrialStarted
from jupyter_tune.core.parameters import Float
from jupyter_tune.core.ports import TrialFact
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.trial import COMPLETE
from jupyter_tune.driver.virtual_study import VirtualStudy
from tests.benchmarks.rows import Row

SEEDS = 5
TRIALS, STEPS = 120, 27
WORKERS = (2, 4, 8)
LONGEST = {"equal lengths": 1.0, "lengths of 1 to 2": 2.0}
# pruner, and whether its trials leave checkpoints
PRUNERS = {"no pruner": ("none", False), "asha": ("asha", False), "asha, checkpoints": ("asha", True)}


class Study(VirtualStudy):
    suggest_s = halt_s = 0.0

    def __init__(
        self, workers: int, pruner: str, checkpoints: bool, longest: float, seed: int, in_rounds: bool
    ):
        self._longest, self._seed, self._keeps = longest, seed, checkpoints
        settings = Settings(
            "score",
            direction="maximize",
            trials=TRIALS,
            workers=workers,
            sampler="random",
            pruner=pruner,
            min_steps=1,
            max_steps=STEPS,
            seed=seed,
            retries=0,
            batch_deterministic=in_rounds,
        )
        super().__init__(Space(x=Float(0.0, 1.0)), settings, self._learn, checkpoints=checkpoints)

    def _learn(self, launch: Launch) -> Iterator[tuple[float, TrialFact]]:
        key = launch.number, launch.attempt
        chance = Random(self._seed * 100_003 + launch.number)
        pace_s = chance.uniform(1.0, self._longest)
        noise = [chance.gauss(0.0, 0.03) for _ in range(STEPS + 1)]
        quality = launch.params["x"]
        assert isinstance(quality, float)
        yield 0.0, TrialStarted(*key)
        for step in range(launch.resumed_from + 1, STEPS + 1):
            value = quality * (1 - math.exp(-step / 10)) + noise[step]
            yield pace_s, TrialReported(*key, step, {"score": value})
        yield 0.0, TrialEnded(*key, COMPLETE, checkpoint=self._keeps)


def measure(seeds: int = SEEDS) -> list[Row]:
    rows = []
    for pruner_name, (pruner, checkpoints) in PRUNERS.items():
        for lengths, longest in LONGEST.items():
            for workers in WORKERS:
                times, steps = [], []
                for seed in range(seeds):
                    free, rounds = (
                        Study(workers, pruner, checkpoints, longest, seed, in_rounds)
                        for in_rounds in (False, True)
                    )
                    free.run()
                    rounds.run()
                    times.append([rounds.now_s / free.now_s])
                    steps.append([rounds.study.steps_done / free.study.steps_done])
                name = f"{pruner_name}, {lengths}, {workers} workers"
                rows += [Row.of(name, "times the time", times), Row.of(name, "times the steps", steps)]
    return rows
