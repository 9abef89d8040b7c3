"""Trials that report one after the other, and what a pruner says to each report."""

from __future__ import annotations

from typing import Any

from jupyter_tune.core.events import (
    Event,
    Record,
    StudyOpened,
    TrialEnded,
    TrialReported,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.parameters import Float
from jupyter_tune.core.rungs import Rungs
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, PRUNED
from jupyter_tune.registry import first_rung, make_pruner


class Race:
    """By default minimised, over 27 steps from step 1 on.

    Args: crowd: how many further trials run, and never report: with few at a time the rules differ.
    """

    def __init__(self, pruner: str, crowd: int = 3, **settings: Any):
        options: dict[str, Any] = {"max_steps": 27, "min_steps": 1, "direction": "minimize", **settings}
        options.setdefault("workers", 0)
        options["pruner"] = pruner
        self._pruner = make_pruner(pruner)
        self.records = [
            Record(1, 0.0, StudyOpened("race", Space(x=Float(0, 1)), Settings("loss", **options)))
        ]
        self.study = Study.fold(self.records, first_rung)
        for number in range(10_000, 10_000 + crowd):
            self.apply(TrialSuggested(number, {"x": 0.5}, "user"))
            self.apply(TrialStarted(number, 1))

    @property
    def rungs(self) -> Rungs:
        return self.study.rungs

    def apply(self, event: Event) -> None:
        seq = self.study.seq + 1
        self.records.append(Record(seq, float(seq), event))
        self.study.apply(self.records[-1])

    def report(self, number: int, step: int, loss: float, source: str = "user") -> bool:
        """Whether the trial goes on after this report; it does not end by itself.

        Args: source: one of the user is not stopped for repeating another's readings.
        """
        if number not in self.study.trials:
            self.apply(TrialSuggested(number, {"x": 0.5}, source))
            self.apply(TrialStarted(number, 1))
        return self.report_again(number, step, loss)

    def report_again(self, number: int, step: int, loss: float) -> bool:
        """The same of a trial that has begun."""
        self.apply(TrialReported(number, self.study.trials[number].attempt, step, {"loss": loss}))
        return not self._pruner.prune_reason(self.study, number)

    def reason(self, number: int) -> str:
        """Why the trial would be pruned now; "" if it goes on."""
        return self._pruner.prune_reason(self.study, number)

    def replayed(self) -> list[bool]:
        """Whether the trial goes on after each report so far, judged anew from the records."""
        study = Study.fold(self.records[:1], first_rung)
        goes_on = []
        for record in self.records[1:]:
            study.apply(record)
            if isinstance(record.event, TrialReported):
                # a new pruner each time: it knows the records, and nothing of what was said before
                goes_on.append(
                    not make_pruner(study.settings.pruner).prune_reason(study, record.event.number)
                )
        return goes_on

    def end(self, number: int, state: str = COMPLETE, *, checkpoint: bool = False) -> None:
        self.apply(TrialEnded(number, 1, state, checkpoint=checkpoint))

    def arrive(self, number: int, step: int, loss: float) -> None:
        """A report after which the trial, if it is not to go on, is pruned and leaves a checkpoint."""
        if not self.report(number, step, loss):
            self.end(number, PRUNED, checkpoint=True)

    def resumes(self) -> list[int]:
        return self._pruner.resumes(self.study)

    def run(self, number: int, losses: list[float]) -> None:
        """A trial that completes with these losses at steps 1, 2, ..., whatever the pruner says."""
        for step, loss in enumerate(losses, 1):
            self.report(number, step, loss)
        self.end(number)
