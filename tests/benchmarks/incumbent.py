"""Which configuration is chosen where readings are noisy, and how sure that is said to be.

    python -m tests.benchmarks.incumbent [STUDIES]

Invented studies: true losses of three kinds, readings with noise of deviation 1. Each study is measured in
one of the ways of CASES. Compared are the ways to choose: the best reading, the best mean of the
configurations that were measured again, and the incumbent by posterior (jupyter_tune/core/incumbent.py); by
regret, which is how much worse the chosen one truly is than the best. Prints a table in markdown.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from statistics import fmean
from typing import NamedTuple

from jupyter_tune.core.confirming import next_to_confirm
from jupyter_tune.core.measured import Measured
from jupyter_tune.core.objective import Objective
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.trial import COMPLETE, CONFIRM, Trial
from tests.benchmarks.markdown import table

OBJECTIVE = Objective("loss", maximize=False)
SIZES, DEVIATIONS = (6, 15, 60), (0.3, 1.0, 3.0)


class Invented:
    """A study of as many configurations as `truths`, the true losses."""

    def __init__(self, truths: list[float], chance: random.Random):
        self.truths, self._chance = truths, chance
        self.trials: list[Trial] = []

    def measure(self, configuration: int, source: str = "random") -> None:
        value = self.truths[configuration] + self._chance.gauss(0, 1)
        number = len(self.trials)
        self.trials.append(Trial(number, {"x": configuration}, source, state=COMPLETE, value=value))

    def confirm(self, count: int) -> None:
        for _ in range(count):
            params = next_to_confirm(Settings("loss", confirm=count), OBJECTIVE, self.trials, [])
            assert params is not None
            self.measure(int(params["x"] or 0), CONFIRM)

    def readings(self) -> dict[int, list[float]]:
        found: dict[int, list[float]] = {}
        for trial in self.trials:
            found.setdefault(int(trial.params["x"] or 0), []).append(trial.value or 0.0)
        return found


def confirmed(count: int) -> Callable[[Invented, random.Random], None]:
    def measure(study: Invented, chance: random.Random) -> None:
        for place in range(len(study.truths)):
            study.measure(place)
        study.confirm(count)

    return measure


def enqueued(study: Invented, chance: random.Random) -> None:
    for place in range(len(study.truths)):
        study.measure(place)
    best = sorted(study.trials, key=lambda trial: trial.value or 0.0)[:10]
    for trial in chance.sample(best, 3):
        for _ in range(3):
            study.measure(trial.number, "user")


def resumed(study: Invented, chance: random.Random) -> None:
    half = len(study.truths) // 2
    for place in range(half):
        study.measure(place)
    study.confirm(6)
    for place in range(half, len(study.truths)):
        study.measure(place)


CASES: dict[str, Callable[[Invented, random.Random], None]] = {
    "confirm 2": confirmed(2),
    "confirm 6": confirmed(6),
    "confirm 10": confirmed(10),
    "3 of the best ten enqueued 3 times": enqueued,
    "confirm 6, then as many trials again": resumed,
}


class Judged(NamedTuple):
    """Of one study: the regrets; and of the incumbent whether its interval holds the truth, with which chance
    it is said to be the best, whether it is, and by how much it is worse than its mean and than was expected.
    """

    by_reading: float
    by_mean: float
    by_posterior: float
    is_inside: bool
    chance: float
    is_best: bool
    beyond_mean: float
    beyond_expected: float


def judged(study: Invented) -> Judged:
    readings, truths = study.readings(), study.truths
    means = {place: fmean(each) for place, each in readings.items() if len(each) > 1}
    measured = Measured(OBJECTIVE, lambda: study.trials, lambda trial: True)
    for trial in study.trials:
        measured.note(trial)
    assert measured.best is not None
    sure = measured.sure(measured.best)
    assert sure is not None
    chosen = int(study.trials[sure.number].params["x"] or 0)
    searched = [trial for trial in study.trials if trial.source != CONFIRM]
    lucky = int(min(searched, key=lambda trial: trial.value or 0.0).params["x"] or 0)
    best = min(truths)
    return Judged(
        truths[lucky] - best,
        truths[min(means, key=means.__getitem__)] - best,
        truths[chosen] - best,
        sure.low <= truths[chosen] <= sure.high,
        sure.chance,
        truths[chosen] == best,
        truths[chosen] - sure.value,
        truths[chosen] - sure.expected,
    )


def truths(kind: str, size: int, deviation: float, chance: random.Random) -> list[float]:
    if kind == "normal":
        return [chance.gauss(0, deviation) for _ in range(size)]
    if kind == "bounded":
        return [chance.expovariate(1 / deviation) for _ in range(size)]
    # as a search finds them: three in ten far off, the others near the best
    return [
        chance.expovariate(0.2 / max(deviation, 1))
        if chance.random() < 0.3
        else abs(chance.gauss(0, deviation))
        for _ in range(size)
    ]


def studies(case: str, count: int) -> Iterator[Judged]:
    chance = random.Random(case)
    for kind in ("normal", "bounded", "found"):
        for size in SIZES:
            for deviation in DEVIATIONS:
                for _ in range(count):
                    study = Invented(truths(kind, size, deviation, chance), chance)
                    CASES[case](study, chance)
                    yield judged(study)


def main(count: int) -> None:
    head = (
        "measured",
        "regret: best reading",
        "best mean",
        "posterior",
        "inside 95 %",
        "chance said",
        "true",
        "worse than its mean",
        "than expected",
    )
    rows = []
    for case in CASES:
        columns = [fmean(column) for column in zip(*studies(case, count), strict=True)]
        rows.append((case, *(f"{column:.2f}" for column in columns)))
    print(table(head, rows))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
