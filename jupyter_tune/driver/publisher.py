"""To whom the loop of a study passes on what happens."""

from __future__ import annotations

from typing import Protocol

from jupyter_tune.core.events import Record


class Publisher(Protocol):
    """Passes on what happens: to the driver's clients."""

    def publish(self, record: Record, text: str) -> None: ...

    def notice(self, text: str, level: str) -> None: ...

    def fenced(self) -> None:
        """Another driver has taken the study over: nothing may be done with it here any more."""
        ...
