"""Says once of each place that it is no longer used."""

from __future__ import annotations

from collections.abc import Callable

from jupyter_tune.core.slots import IN_A_ROW
from jupyter_tune.core.study import Study


class Quarantine:
    """Of `study`. `notice`: tells users."""

    def __init__(self, study: Study, notice: Callable[[str, str], None]):
        self._study = study
        self._notice = notice
        self._known = study.quarantined

    def look(self) -> None:
        """A trial has ended."""
        before, self._known = self._known, self._study.quarantined
        for place in self._known.keys() - before.keys():
            self._notice(
                f"{place} is no longer used: its last {IN_A_ROW} attempts failed in ways that no other "
                "place has seen; another number of workers, or resuming the study, uses it again",
                "error",
            )
