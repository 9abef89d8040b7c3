"""The clock of a study: it stands still while no driver has the study."""

from __future__ import annotations


class Clock:
    """The part of the fold that knows the times; unix seconds.

    Attributes: `opened_at`, `ended_at`: None before the end, `driven_since`: when its driver took it over.
    """

    def __init__(self, at: float):
        self.opened_at = self.driven_since = self._last_at = at
        self.ended_at: float | None = None
        # from when and until when no driver had the study
        self._gaps: tuple[tuple[float, float], ...] = ()

    def clock(self, at: float) -> float:
        """Seconds that the study had run by `at`, without those in which it had no driver."""
        away = sum(min(at, until) - since for since, until in self._gaps if since < at)
        return at - self.opened_at - away

    @property
    def last_at(self) -> float:
        """When its last record was made."""
        return self._last_at

    @property
    def lost_at(self) -> float:
        """When the driver before the present one was last heard of."""
        return self._gaps[-1][0] if self._gaps else self._last_at

    # the fold

    def _driven_from(self, at: float) -> None:
        """A driver took the study over. It had none since its end, or since the last record before."""
        self._gaps += ((self._last_at if self.ended_at is None else self.ended_at, at),)
        self.driven_since = at
        self.ended_at = None
