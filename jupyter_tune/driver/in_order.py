"""What is recorded of the facts that wait, in a study that decides whatever the timing (core/rounds.py).

- Of one trial one fact at a time: the pruner has decided on a report before the next one is recorded.
- Nothing of an attempt that is being ended: whether one more report, or its own end, came first is chance.
  Its end is that which was decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jupyter_tune.core.commands import Halt
from jupyter_tune.core.events import Event, TrialEnded, TrialReported, TrialStarted
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import PRUNED


class InOrder:
    """Of one study; `note` each halt that is commanded."""

    def __init__(self, study: Study):
        self._study = study
        self._halts: dict[tuple[int, int], Halt] = {}

    def note(self, halt: Halt) -> None:
        if self._study.rounds is not None:
            self._halts[halt.number, halt.attempt] = halt

    def next_of(self, inbox: Sequence[Event]) -> tuple[list[Event], list[Event]]:
        """The facts to record next, and those to keep until then."""
        if self._study.rounds is None:
            return list(inbox), []
        now: list[Event] = []
        later: list[Event] = []
        seen: set[int] = set()
        for event in inbox:
            if isinstance(event, (TrialStarted, TrialReported, TrialEnded)):
                if event.number in seen:
                    later.append(event)
                    continue
                seen.add(event.number)
            if (decided := self._decided(event)) is not None:
                now.append(decided)
        return now, later

    def _decided(self, event: Event) -> Event | None:
        if not isinstance(event, (TrialReported, TrialEnded)):
            return event
        trial = self._study.trials.get(event.number)
        halt = self._halts.get((event.number, event.attempt))
        if isinstance(event, TrialReported):
            is_late = trial is not None and not trial.is_live
            return None if halt is not None or is_late else event
        if halt is None:
            return event
        return replace(
            event, state=halt.state, reason=halt.reason, value=None, metrics={}, error="", cause=""
        )


def end_of_waiting(study: Study, halt: Halt) -> TrialEnded:
    """The end of a trial that waits for a start, which no executor posts."""
    # of one that was resumed the checkpoint is still there
    kept = halt.state == PRUNED and study.trials[halt.number].resumed
    return TrialEnded(halt.number, halt.attempt, halt.state, reason=halt.reason, checkpoint=kept)
