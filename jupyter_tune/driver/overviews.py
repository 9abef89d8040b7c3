"""How the study stands, written into its file for lists of studies (journal/overviews.py).

The first change after a pause is written at once, later ones together, at most every SOON_S, and of a long
study more seldom: each takes a time that grows with its trials. The end is written before another process may
take the study over. When it should end is estimated every FORECAST_S.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from jupyter_tune.core.study import Study
from jupyter_tune.errors import JournalError
from jupyter_tune.journal import Journal
from jupyter_tune.views.overview import overview
from jupyter_tune.views.tables.forecast import Forecast

SOON_S = 0.2
PER_TRIAL_S = 60e-6
"""Added for each trial: fifty times what it takes of the processor."""
FORECAST_S = 5.0


class Overviews:
    """Of `study`, in `journal`. `clock`: unix seconds."""

    def __init__(self, journal: Journal, study: Study, clock: Callable[[], float]):
        self._journal = journal
        self._study = study
        self._clock = clock
        self._planned: asyncio.TimerHandle | None = None
        self._not_before = self._forecast_at = 0.0
        self._ends_at: float | None = None

    def look(self) -> None:
        """Records were committed and folded."""
        if self._planned is not None or self._study.is_ended:
            return
        loop = asyncio.get_running_loop()
        if loop.time() >= self._not_before:
            self.write()
        else:
            self._planned = loop.call_at(self._not_before, self.write)

    def write(self) -> None:
        """Write how it stands now."""
        self.cancel()
        now = asyncio.get_running_loop().time()
        self._not_before = now + SOON_S + PER_TRIAL_S * len(self._study.trials)
        # a full disk: the next change is written, or the records are read
        with suppress(JournalError):
            self._journal.keep(overview(self._study, ends_at=self._ends(now)).to_json())

    def cancel(self) -> None:
        """Write no more, unless there is more to write."""
        if self._planned is not None:
            self._planned.cancel()
            self._planned = None

    def _ends(self, now: float) -> float | None:
        if self._study.is_ended:
            return None
        if now >= self._forecast_at:
            self._forecast_at = now + FORECAST_S + PER_TRIAL_S * len(self._study.trials)
            left_s = Forecast(self._study).left_s(self._clock())
            self._ends_at = None if left_s is None else self._clock() + left_s
        return self._ends_at
