"""What the callbacks of boosted trees have in common: rounds, and data sets by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jupyter_tune.integrations.callbacks.progress import Chosen, Progress, ProgressCallback

TRAINING = frozenset({"train", "training", "learn"})
"""What data sets are called that a model is trained on."""


class Rounds(Progress):
    """The progress of a boosted model, whose rounds are counted over all attempts of the trial.

    Args: ending: of the model's file.
    """

    def __init__(self, ending: str, metrics: Chosen, checkpoint_every: int | None):
        super().__init__(metrics, checkpoint_every)
        self._ending = ending

    @property
    def checkpoint(self) -> str | None:
        return self.saved(self._ending)

    def save_round(self, step: int, write: Callable[[str], object]) -> None:
        """Save the model of this many rounds."""
        self.save(self._ending, write)
        self.save(".rounds", lambda path: _write(path, step))

    def left(self, rounds: int) -> int:
        """How many of `rounds` the saved model lacks, at least 1: without a round there is no metric."""
        done = self.saved(".rounds")
        if done is None:
            return rounds
        with open(done) as file:
            return max(1, rounds - int(file.read()))


class RoundsCallback(ProgressCallback):
    """What the callbacks offer that continue a model by more rounds."""

    def __init__(self, ending: str, metrics: Chosen, checkpoint_every: int | None):
        super().__init__()
        self._progress: Rounds = Rounds(ending, metrics, checkpoint_every)

    @property
    def checkpoint(self) -> str | None:
        """The model that the trial has saved last, for the library to continue; None if there is none."""
        return self._progress.checkpoint

    def rounds_left(self, rounds: int) -> int:
        """How many of `rounds` the saved model lacks, at least 1."""
        return self._progress.left(rounds)


def _write(path: str, number: int) -> None:
    with open(path, "w") as file:
        file.write(str(number))


def measured_on_validation(found: Mapping[tuple[str, str], Any]) -> tuple[dict[str, Any], list[str]]:
    """The metrics by name, and the names of those that were not measured on training data: if all were, all.

    Args: found: (name of the data, name of the metric) -> value.
    """
    of_validation = [name for data, name in found if data not in TRAINING]
    return {name: value for (_, name), value in found.items()}, of_validation or [name for _, name in found]
