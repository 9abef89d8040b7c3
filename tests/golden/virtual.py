"""A study in virtual time with users, and drivers that die, from a script."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from jupyter_tune.core.codes import change_of_code, ended_by
from jupyter_tune.core.events import DriverStarted, Event, PriorAdded, TrialAdded
from jupyter_tune.core.resuming import first_facts
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.driver import virtual_study
from jupyter_tune.driver.virtual_study import BEGIN, Train

__all__ = ["Train", "VirtualStudy"]


class VirtualStudy(virtual_study.VirtualStudy):
    """Args, besides those of the base:
    added:  results from elsewhere, as TrialAdded has them after the number.
    priors: results of other tasks.
    """

    def __init__(
        self,
        space: Space,
        settings: Settings,
        train: Train,
        *,
        added: Sequence[tuple[Any, ...]] = (),
        priors: Sequence[PriorAdded] = (),
        **rest: Any,
    ):
        results = [TrialAdded(number, *one) for number, one in enumerate(added)]
        super().__init__(space, settings, train, begun=[*priors, *results], **rest)

    def at(self, seconds: float, act: Callable[[], Event]) -> None:
        """At that time of the study a user has this event recorded."""
        self._push(BEGIN + seconds - self._now, lambda: self.record(act()))

    def kill_at(self, seconds: float) -> None:
        """The driver dies; `run` returns."""
        self._push(BEGIN + seconds - self._now, self._agenda.clear)

    def take_over(
        self,
        settings: Settings,
        train: Train | None = None,
        *,
        finds: bool = False,
        code: str = "",
        edited: bool = False,
    ) -> None:
        """A minute later another driver goes on with the study.

        Args:
            finds:  the attempts still run. Else they have died with the driver.
            code:   the code that trials run from now on, and `edited`: alone counts.
        """
        self._now += 60
        self._train = train or self._train
        running, coming = self._running, self._coming
        self._forget_what_runs()
        change = change_of_code(self.study, {"source": code}, edited=edited) if code else None
        best = self.study.best_trial if edited else None
        new_code: list[Event] = [] if change is None else [*ended_by(self.study, change), change]
        begun = DriverStarted("a later driver")
        facts = list(first_facts(self.study, settings, begun, new_code, all_again=not edited))
        if finds:
            self._running, self._coming = running, coming
        self._begin(facts, None if best is None else best.params)
