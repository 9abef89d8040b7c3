"""Which of the waiting trials start now, and with what."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import TYPE_CHECKING

from jupyter_tune.core.commands import Launch
from jupyter_tune.core.trial import RUNNING, Trial

if TYPE_CHECKING:
    # trials take their seeds from here, and need no fold for that
    from jupyter_tune.core.study import Study


def trial_seed(study_seed: int, number: int) -> int:
    """31 bits from the study's seed and the trial's number, whatever order trials end in."""
    digest = hashlib.sha256(f"{study_seed}/{number}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def that_start(study: Study, waiting: list[Trial], launching: Collection[int]) -> list[Trial]:
    """Those of `waiting` for which there is a slot, with the trials `launching` on their way to one."""
    alone = next((trial for trial in waiting if trial.runs_alone), None)
    if alone is not None:
        return [] if study.counts[RUNNING] or launching else [alone]
    if study.alone:
        return []
    return waiting[: max(0, study.usable_slots - study.counts[RUNNING] - len(launching))]


def launch_of(study: Study, trial: Trial) -> Launch:
    """The command that starts the next attempt of `trial`."""
    settings = study.settings
    return Launch(
        trial.number,
        trial.attempt + 1,
        trial.params,
        trial_seed(settings.seed, trial.number),
        resumed_from=trial.last_step if trial.resumed else 0,
        workers=1 if trial.runs_alone else settings.workers,
        avoid=tuple(study.quarantined),
        timeout_s=settings.trial_timeout_s,
    )
