"""The trials that each file holds, and how a program of this folder says what it took.

    python PROGRAM fill FORM FILE TRIALS     writes the file
    python PROGRAM read FORM FILE TRIALS     prints CPU seconds and bytes as JSON, and checks what it reads

The programs run in environments of their own, so nothing here imports more than the standard library.
"""

from __future__ import annotations

import gc
import json
import math
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STEPS = 30
SLOTS = 10
BEGAN = 1_700_000_000.0
STEP_S = 1.5
NAME = "long"


@dataclass(frozen=True)
class Trained:
    """A complete trial. `curve`: one value for each step, the last one is the trial's."""

    number: int
    params: dict[str, float]
    curve: list[float]


def trained(trials: int) -> Iterator[list[Trained]]:
    """As many as run at once, from the first to the last."""
    chance = random.Random(0)
    for first in range(0, trials, SLOTS):
        yield [_one(number, chance) for number in range(first, min(first + SLOTS, trials))]


def _one(number: int, chance: random.Random) -> Trained:
    x, lr, width = chance.random(), 10 ** chance.uniform(-5, 0), chance.uniform(8, 1024)
    curve = [x * (1 - math.exp(-step / 10)) + chance.gauss(0, 0.03) for step in range(1, STEPS + 1)]
    return Trained(number, {"x": x, "lr": lr, "width": width}, curve)


class Timed:
    """CPU seconds of this process by what it did; `say` prints them."""

    def __init__(self) -> None:
        self._took: dict[str, float] = {}

    def __call__(self, what: str, do: Callable[[], Any]) -> Any:
        gc.collect()
        began = time.process_time()
        done = do()
        self._took[what] = time.process_time() - began
        return done

    def say(self) -> None:
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps({**self._took, "memory": memory}))


def arguments() -> tuple[str, str, Path, int]:
    """What to do, FORM, FILE and TRIALS."""
    return sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])
