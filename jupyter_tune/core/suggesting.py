"""What the next trial of a study is, and which trials are being suggested: a part of the engine.

an enqueued trial    first, in the order of the queue
the defaults         trial 0, where the sampler begins with them
the best ones again  the last trials, and those after the search (confirming.py)
the sampler's        all others
"""

from __future__ import annotations

from dataclasses import replace

from jupyter_tune.core.commands import Suggest
from jupyter_tune.core.confirming import are_enough, next_to_confirm
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.steering import Enqueued
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import CONFIRM


class Suggesting:
    """The suggestions of `study`.

    Args: defaults_first: whether trial 0 has the defaults of the ranges.
    """

    def __init__(self, study: Study, *, defaults_first: bool):
        self.study = study
        self._defaults_first = defaults_first
        self._suggesting: dict[int, Suggest] = {}
        self._last_suggested = -1

    def command_for(self, number: int) -> Suggest:
        """The command for trial `number`, which is not suggested yet: another one than before if its
        enqueued values were withdrawn."""
        return self._suggesting[number]

    def next_suggest(self) -> Suggest:
        """The command for the next trial: an enqueued one, the defaults first, one of the best again, or the
        sampler's."""
        number = self.next_number
        if self.study.search_ended is None:
            if self.unserved:
                entry = self.unserved[0]
                return Suggest(number, dict(entry.params), "user", entry.seq)
            if self._defaults_first and self.study.spent == 0 and not self._suggesting:
                defaults = self.study.ranges.defaults()
                if self.study.constraints.allow(defaults):
                    return Suggest(number, defaults, "default")
        again = self._to_confirm()
        return Suggest(number) if again is None else Suggest(number, again, CONFIRM)

    @property
    def unserved(self) -> list[Enqueued]:
        """What is in the queue, and not being suggested yet."""
        if not self.study.queue:
            return []
        taken = {command.enqueued for command in self._suggesting.values()}
        return [entry for entry in self.study.queue if entry.seq not in taken]

    @property
    def committed(self) -> int:
        """Trials that count against the budget, with those being suggested."""
        return self.study.spent + len(self._suggesting)

    @property
    def next_number(self) -> int:
        """A number that no trial has, nor one that is being suggested."""
        return max(self.study.highest, self._last_suggested, self.study.settings.first - 1) + 1

    @property
    def is_confirming(self) -> bool:
        """Whether the last trials have begun, which measure the best ones again."""
        settings = self.study.settings
        if self.study.search_ended is not None:
            return True
        in_all = settings.trials
        return bool(settings.confirm) and in_all is not None and self.committed >= in_all - settings.confirm

    def _begin_suggesting(self, command: Suggest) -> None:
        self._suggesting[command.number] = command
        self._last_suggested = command.number

    def _is_spent(self) -> bool:
        """Whether no further trial is suggested."""
        if self.study.search_ended is not None and self._to_confirm() is None:
            return True
        budget = self.study.settings.trials
        return budget is not None and self.committed >= budget

    def _awaits_the_best(self) -> bool:
        """Whether the next trial has to wait: it measures one of the best again, and too few are known while
        trials of the search run."""
        if not self.is_confirming or (self.unserved and self.study.search_ended is None):
            return False
        study = self.study
        searching = sum(trial.source != CONFIRM for trial in study.live)
        searching += sum(command.source != CONFIRM for command in self._suggesting.values())
        return not are_enough(study.settings, study.objective, study.that_count(), searching)

    def _to_confirm(self) -> Params | None:
        if not self.is_confirming:
            return None
        study = self.study
        asked = [dict(each.given or {}) for each in self._suggesting.values() if each.source == CONFIRM]
        begun = len(study.measured_again) + len(asked)
        if study.search_ended is not None and begun >= study.settings.confirm:
            return None
        return next_to_confirm(study.settings, study.objective, study.that_count(), asked)

    def _forget(self, enqueued: int) -> None:
        """A trial that is being suggested with values that were withdrawn gets another command."""
        for number, command in list(self._suggesting.items()):
            if command.enqueued == enqueued:
                del self._suggesting[number]
                self._suggesting[number] = replace(self.next_suggest(), number=number)
