"""What the holder of a study may request: `study.narrow(lr=(1e-3, 1e-2))`, `study.cancel(7)`, `study.undo()`.

The driver grants or refuses (driver/requests.py); a refusal is raised here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from types import EllipsisType
from typing import Any

from jupyter_tune.core.space import Space
from jupyter_tune.core.steering import wanted_ranges
from jupyter_tune.core.trial import CANCELLED, PRUNED


class StudySteering(ABC):
    """The requests to a study. Each raises DriverError if it cannot be met now, as most if it has ended."""

    @abstractmethod
    def ask(self, do: str, **fields: Any) -> Any: ...

    @property
    @abstractmethod
    def declared(self) -> Space: ...

    def stop(self) -> None:
        """Cancel running trials and end the study. Returns at once."""
        self.ask("stop")

    def pause(self) -> None:
        """Start no further trials; running ones go on."""
        self.ask("pause")

    def resume(self, trials: int | None = None) -> None:
        """Take a pause back, or go on with a study that has ended or was interrupted, in the same handle.

        After an end the trials that it had cancelled run again, a target that was reached counts no more,
        and patience and timeout count anew. What runs is the cell as it was, with what it uses as the
        notebook has it now.

        Args: trials: how many more; without it, what is left of the budget.
        Raises: OptionError if nothing is left; DriverError if this kernel does not have the study's code.
        """
        if trials is None:
            self.ask("resume")
        else:
            self.ask("more", trials=trials)

    def narrow(self, ranges: Mapping[str, Sequence[Any]] | None = None, **named: Sequence[Any]) -> int:
        """Draw from these ranges from now on; older trials keep teaching the model.

        Args: ranges, named: parameter -> (low, high), or the choices to keep; always inside
              the declared range, wider than the present one if you like.
        Returns: the new revision of the ranges. Raises: SpaceError naming the parameter.
        """
        revision: int = self.ask("narrow", ranges=self.declared.encode_ranges(wanted_ranges(ranges, named)))
        return revision

    def enqueue(self, params: Mapping[str, Any] | None = None, **named: Any) -> None:
        """Try these values next; the sampler fills in the rest. An ended study goes on, with this trial
        only. Raises SpaceError."""
        space = self.declared
        self.ask("enqueue", params=space.encoded.given(space.encode({**(params or {}), **named})))

    def prune(self, number: int) -> None:
        """End this trial; its best reading counts. Raises DriverError if it has none, or has ended."""
        self.ask("halt", trial=number, state=PRUNED)

    def cancel(self, number: int) -> None:
        """End this trial, running or waiting, without a result. Raises DriverError if it has ended."""
        self.ask("halt", trial=number, state=CANCELLED)

    def set_budget(self, trials: int | EllipsisType | None = ..., workers: int | EllipsisType = ...) -> None:
        """Go on with so many trials in all (None for no limit), and so many at once.

        More workers start at once, fewer as trials end. What is not given stays as it is.
        Raises: OptionError, also for fewer trials than are spent.
        """
        given = {"trials": trials, "workers": workers}
        self.ask("budget", **{name: value for name, value in given.items() if value is not ...})

    def undo(self, seq: int | None = None) -> None:
        """Take back the newest change of ranges or budget, pause or enqueued trial, as if it had not
        been; called again, the one before. A halt and a stop cannot be undone.

        Args: seq: a record of the journal to take back in place of the newest; `snapshot().undoable`
              has those that can be.
        Raises: TuneError if nothing can be taken back, or that record cannot.
        """
        self.ask("undo", seq=seq)

    def log(self, number: int) -> str:
        """What trial `number` printed, its last 200 kB."""
        text: str = self.ask("log", trial=number)["text"]
        return text
