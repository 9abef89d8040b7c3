"""Rounds: how a study takes the same decisions whatever the timing (`--batch-deterministic`).

    a round      as many trials as there are workers, suggested or resumed while no trial lives
    start        once all of a round are suggested; so a suggestion knows all that has ended, and nothing else
    pruning      a trial is compared with those of earlier rounds alone, as if it ran by itself
    stop rules   are asked between rounds; a user's stop and the timeout hold at once

What is not decided stays as it comes: who fails, what users do, and when.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_tune.core.events import (
    AttemptsFound,
    Record,
    TrialReopened,
    TrialResumed,
    TrialStarted,
    TrialSuggested,
)

if TYPE_CHECKING:
    from jupyter_tune.core.study import Study


class Rounds:
    """The present round of a study. `note` each record before it is folded."""

    def __init__(self, study: Study):
        self._begin(study)

    def _begin(self, study: Study) -> None:
        self.numbers: set[int] = set()
        self._has_started = False
        self._before = study.snapshot()
        self._since: list[Record] = []
        # number -> the study as if of this round it ran alone
        self._alone: dict[int, Study] = {}

    def note(self, study: Study, record: Record) -> None:
        match record.event:
            case TrialSuggested(number=number) | TrialResumed(number=number) | TrialReopened(number=number):
                if not study.live_count:
                    self._begin(study)
                self.numbers.add(number)
            case TrialStarted():
                self._has_started = True
        self._since.append(record)
        for number, alone in self._alone.items():
            self._show(alone, number, record)

    def room(self, study: Study) -> int:
        """How many trials the present round still takes, or the next one if this one is over."""
        if not study.live_count:
            return study.usable_slots
        return 0 if self._has_started else study.usable_slots - len(self.numbers)

    def alone(self, number: int) -> Study:
        """The study as if trial `number` were the only one of its round."""
        if number not in self._alone:
            alone = self._alone[number] = self._before.snapshot()
            for record in self._since:
                self._show(alone, number, record)
        return self._alone[number]

    def _show(self, alone: Study, number: int, record: Record) -> None:
        event = record.event
        if isinstance(event, AttemptsFound):
            own = [list(key) for key in event.attempts if key[0] == number]
            record = Record(record.seq, record.at, AttemptsFound(own))
        about = getattr(event, "number", number)
        if about == number or about not in self.numbers:
            alone.apply(record)


def room(study: Study) -> int:
    """How many trials may join those that live."""
    return study.usable_slots - study.live_count if study.rounds is None else study.rounds.room(study)
