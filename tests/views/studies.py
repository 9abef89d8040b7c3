"""Small studies made of events, for the tests of the views."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Any

from jupyter_tune.core.events import (
    Event,
    Record,
    StudyEnded,
    StudyOpened,
    TrialEnded,
    TrialReported,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.parameters import Categorical, Float, Int
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study

SPACE = Space(
    lr=Float(1e-4, 1e-1, log=True),
    width=Int(8, 512, log=True),
    act=Categorical(["relu", "tanh"]),
    seed=7,
)


def records(*events: Event, settings: Settings | None = None, name: str = "mnist") -> list[Record]:
    """These events as the records of a study, one a second from time 1000."""
    opened = StudyOpened(name, SPACE, settings or Settings("accuracy", trials=60, workers=4, max_steps=27))
    return [Record(seq, 999.0 + seq, event) for seq, event in enumerate([opened, *events], 1)]


def began(
    *events: Event, settings: Settings | None = None, name: str = "mnist"
) -> tuple[Study, list[Record]]:
    """A study that is open, and the records of these events, for the test to tell."""
    opened, *later = records(*events, settings=settings, name=name)
    return Study.fold([opened]), later


def started(number: int = 0) -> list[Event]:
    """A trial of the defaults that runs."""
    source = "default" if number == 0 else "random"
    return [TrialSuggested(number, SPACE.defaults(), source), TrialStarted(number, 1)]


def whole(
    number: int, state: str = "complete", value: float | None = None, *, error: str = "", reason: str = ""
) -> list[Event]:
    """A trial of the defaults from suggestion to end."""
    return [*started(number), TrialEnded(number, 1, state, value, error=error, reason=reason)]


def story(
    trials: int, *, steps: int = 9, workers: int = 4, seed: int = 0, grows: float = 1.0
) -> Iterator[Event]:
    """What happens in a study of so many trials: most are pruned, some fail, the rest learn.

    Values are multiplied by `grows` with every fourth trial, and axes must follow.
    """
    chance = random.Random(seed)
    live: dict[int, int] = {}
    params: dict[int, dict[str, Any]] = {}
    started = 0
    while started < trials or live:
        if started < trials and len(live) < workers:
            params[started] = SPACE.from_unit({name: chance.random() for name in SPACE})
            yield TrialSuggested(started, params[started], "default" if started == 0 else "random")
            yield TrialStarted(started, 1, f"slot {started % workers}")
            live[started] = 0
            started += 1
            continue
        number = chance.choice(list(live))
        live[number] += 1
        step = live[number]
        distance = abs(math.log10(params[number]["lr"]) + 2)
        value = 0.97 - 0.25 * distance - 0.6 * math.exp(-0.5 * step) + chance.gauss(0, 0.01)
        value *= grows ** (number // 4)
        if chance.random() < 0.005:
            yield TrialEnded(number, 1, "failed", error="Traceback\n  line 3\nValueError: loss is nan")
            del live[number]
            continue
        yield TrialReported(number, 1, step, {"accuracy": value, "loss": 1 - value})
        if step == steps:
            yield TrialEnded(number, 1, "complete", value=value)
            del live[number]
        elif step in (1, 3) and chance.random() < 0.45:
            yield TrialEnded(number, 1, "pruned")
            del live[number]


def study(*events: Event, settings: Settings | None = None, name: str = "mnist") -> Study:
    """What is known after these events."""
    return Study.fold(records(*events, settings=settings, name=name))


def finished(trials: int = 30) -> Study:
    return study(*story(trials), StudyEnded("60 trials were the budget"))


def landscape(kind: str = "log") -> dict[str, Any]:
    """A hill over lr and width (or act)."""
    xs = [10 ** (-4 + 3 * i / 23) for i in range(24)]
    ys: list[Any] = ["relu", "tanh"] if kind == "category" else [8 * 64 ** (i / 15) for i in range(16)]
    mean = [[0.95 - 0.2 * (math.log10(x) + 2) ** 2 - 0.01 * j for x in xs] for j, _ in enumerate(ys)]
    return {
        "x": "lr",
        "y": "act" if kind == "category" else "width",
        "x_values": xs,
        "y_values": ys,
        "mean": mean,
        "deviation": [[0.1 - 0.05 * m for m in row] for row in mean],
        "acquisition": [[max(0.0, m - 0.8) for m in row] for row in mean],
        "slice_x": _slice(xs, mean[0]),
        "slice_y": _slice(ys, [row[12] for row in mean]),
        "at": {"seed": 7},
        "trials": {
            "x": [1e-3, 3e-2, 8e-3],
            "y": [ys[0], ys[1], ys[1]],
            "number": [0, 1, 2],
            "value": [0.74, None, 0.93],
        },
        "best": {"x": 8e-3, "y": ys[1]},
        "importances": {
            "names": ["lr", "width", "act"],
            "mean": [0.7, 0.25, 0.05],
            "low": [0.6, 0.2, 0.0],
            "high": [0.75, 0.4, 0.1],
            "note": "the share of the variance",
        },
        "gain": {"value": 0.002, "note": "expected improvement"},
        "note": "at the best trial's other values",
    }


def _slice(values: list[Any], mean: list[float]) -> dict[str, list[Any]]:
    return {
        "values": values,
        "mean": mean,
        "low": [m - 0.05 for m in mean],
        "high": [m + 0.03 for m in mean],
        "acquisition": [max(0.0, m - 0.8) for m in mean],
    }
