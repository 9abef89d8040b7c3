"""How often the end of a study came inside the 80 % band that was forecast for it.

Studies in virtual time: trainings of 21 tasks of learning curves with their own lengths, ASHA, random
search, 1, 4 and 8 workers, 60 trials. When a fifth, two fifths, three fifths and four fifths of the
trials have ended, the time left is forecast from the records until then, as the page does it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jupyter_tune.core.commands import Launch
from jupyter_tune.core.events import Record, StudyEnded, TrialEnded, TrialReported, TrialStarted
from jupyter_tune.core.ports import TrialFact
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE
from jupyter_tune.views.tables.forecast import Forecast
from tests.benchmarks.search import curves
from tests.benchmarks.search.peers.ours import space_of
from tests.golden.virtual import VirtualStudy

TRIALS, WORKERS = 60, (1, 4, 8)
MOMENTS = (0.2, 0.4, 0.6, 0.8)


@dataclass(frozen=True)
class Told:
    """At the moment `done` (0 to 1) of a study: what was forecast, and what came; seconds."""

    task: str
    workers: int
    done: float
    left_s: float
    low_s: float
    high_s: float
    came_s: float

    @property
    def is_inside(self) -> bool:
        return self.low_s <= self.came_s <= self.high_s


def told(name: str, workers: int, seed: int) -> Iterator[Told]:
    records = _run(name, workers, seed)
    end = next(record.at for record in records if isinstance(record.event, StudyEnded))
    study = Study.fold(records[:1])
    waiting = list(MOMENTS)
    for record in records[1:]:
        study.apply(record)
        if waiting and isinstance(record.event, TrialEnded) and study.ended_count >= waiting[0] * TRIALS:
            forecast = Forecast(study)
            ends = forecast.ends(record.at)
            if ends is not None:
                band, came_s = ends[0], end - record.at
                yield Told(name, workers, waiting.pop(0), band.left_s, band.low_s, band.high_s, came_s)


def _run(name: str, workers: int, seed: int) -> list[Record]:
    task = curves.task(name)

    def train(launch: Launch) -> Iterator[tuple[float, TrialFact]]:
        curve = task.curve({parameter["name"]: launch.params[parameter["name"]] for parameter in task.space})
        key = launch.number, launch.attempt
        yield 0.25, TrialStarted(*key, f"slot/{launch.number % workers}")
        for step in range(1, task.max_steps + 1):
            took_s = float(curve.seconds[step - 1] - (curve.seconds[step - 2] if step > 1 else 0.0))
            yield max(took_s, 1e-3), TrialReported(*key, step, {"loss": float(curve.shown[step - 1])})
        yield 0.1, TrialEnded(*key, COMPLETE)

    space = space_of(task.space)
    settings = Settings(
        "loss",
        "minimize",
        TRIALS,
        workers,
        sampler="random",
        pruner="asha",
        max_steps=task.max_steps,
        seed=seed,
    )
    study = VirtualStudy(space, settings, train)
    study.run()
    return study.records


def tasks() -> list[str]:
    return curves.names()
