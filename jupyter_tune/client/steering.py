"""What users request of a study: `study.narrow(lr=(1e-3, 1e-2))`, `study.cancel(7)`, `study.undo()`.

The driver grants a request or refuses it (driver/requests.py); a refusal is raised here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from types import EllipsisType
from typing import Any

from jupyter_tune.core.around_best import around_best
from jupyter_tune.core.parameters import Scalar
from jupyter_tune.core.space import Space
from jupyter_tune.core.steering import wanted_ranges
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import CANCELLED, PRUNED
from jupyter_tune.errors import OptionError
from jupyter_tune.wire import requests
from jupyter_tune.wire.requests import KEEP, Request


class StudySteering(ABC):
    """The requests to a study. Each raises DriverError if it cannot be met now, as most if it has ended."""

    @abstractmethod
    def ask(self, request: Request) -> Any: ...

    @property
    @abstractmethod
    def declared(self) -> Space: ...

    @abstractmethod
    def snapshot(self) -> Study: ...

    _narrowed: tuple[int, dict[str, list[Scalar]]] = (0, {})

    def stop(self) -> None:
        """Cancel running trials and end the study. Returns at once."""
        self.ask(requests.Stop())

    def pause(self) -> None:
        """Start no further trials; running ones go on."""
        self.ask(requests.Pause())

    def resume(self, trials: int | None = None, *, edited: bool = False) -> None:
        """Take a pause back, or go on with a study that has ended or was interrupted, in the same handle.

        After an end the trials that it had cancelled run again, a target that was reached counts no more,
        and patience and timeout count anew. What runs is the cell as it was, with what it uses as the
        notebook has it now.

        Args:
            trials: how many more; without it, what is left of the budget.
            edited: go on as `--resume --edited` does: the code was edited, so earlier trials guide the search
                and no longer count; the budget is that of the cell or the call.

        Raises: OptionError if nothing is left, or for both; DriverError if this kernel does not have the
            study's code, or a study runs that is to go on as edited.
        """
        if edited and trials is not None:
            raise OptionError("resume: edited=True begins the budget anew; leave trials away")
        self.ask(requests.Resume(edited) if trials is None else requests.More(trials))

    def narrow(self, ranges: Mapping[str, Sequence[Any]] | None = None, **named: Sequence[Any]) -> int:
        """Draw from these ranges from now on; older trials keep teaching the model.

        Args: ranges, named: parameter -> (low, high), or the choices to keep; always inside
              the declared range, wider than the present one if you like.
        Returns: the new revision of the ranges. Raises: SpaceError naming the parameter.
        """
        declared = self.declared.encode_ranges(wanted_ranges(ranges, named))
        was = {name: values for name, values in self._known_ranges().items() if name in declared}
        revision: int = self.ask(requests.Narrow(declared, was))
        self._narrowed = revision, {**was, **declared}
        return revision

    def narrow_around_best(self) -> dict[str, list[Any]]:
        """Draw from the ranges around the best trials from now on: what the best fifth of them spans, and of
        each range at least a fifth. Older trials keep teaching the model, and `undo` takes it back.

        Returns: the new ranges. Raises: SpaceError before three trials are complete.
        """
        study = self.snapshot()
        results = [(trial.params, trial.value or 0.0) for trial in study.ranked]
        found = around_best(study.space, study.objective, results)
        for text in found.notices:
            self.add_notice("info", text)
        self.narrow(found.ranges)
        return found.ranges

    @abstractmethod
    def add_notice(self, level: str, text: str) -> None: ...

    def _known_ranges(self) -> dict[str, list[Scalar]]:
        """The present ranges: as the driver has told, or as they were narrowed here a moment ago."""
        study = self.snapshot()
        revision, here = self._narrowed
        return {**study.ranges.ranges(), **(here if revision > study.revision else {})}

    def enqueue(self, params: Mapping[str, Any] | None = None, **named: Any) -> None:
        """Try these values next; the sampler fills in the rest. An ended study goes on, with this trial
        only. Raises SpaceError."""
        space = self.declared
        self.ask(requests.Enqueue(space.encoded.given(space.encode({**(params or {}), **named}))))

    def prune(self, number: int) -> None:
        """End this trial; its best reading counts. Raises DriverError if it has none, or has ended."""
        self.ask(requests.Halt(number, PRUNED))

    def cancel(self, number: int) -> None:
        """End this trial, running or waiting, without a result. Raises DriverError if it has ended."""
        self.ask(requests.Halt(number, CANCELLED))

    def retry(self, which: int | str = "failed") -> None:
        """Run a failed trial again, or all that have failed: with the same values, as a new attempt.

        In a study that runs, what runs is the code that it was started with; mend the cell and run it with
        --resume first. A study that has ended goes on, with the cell as it was and what it uses as the
        notebook has it now: with these trials only, or with the rest of its budget too if all had failed.

        Args: which: the number of a trial, or "failed" for all.
        Raises: DriverError if nothing has failed, or that trial has not.
        """
        self.ask(requests.Retry(which))

    def set_budget(self, trials: int | EllipsisType | None = ..., workers: int | EllipsisType = ...) -> None:
        """Change the budget of trials (None for no limit), and how many run at once.

        More workers start at once, fewer as trials end. What is not given stays as it is.
        Raises: OptionError, also for fewer trials than are spent.
        """
        self.ask(requests.Budget(KEEP if trials is ... else trials, KEEP if workers is ... else workers))

    def undo(self, seq: int | None = None) -> None:
        """Take back the newest change of ranges or budget, pause or enqueued trial, as if it had not
        been; called again, the one before. A halt and a stop cannot be undone.

        Args: seq: a record of the journal to take back in place of the newest; `snapshot().undoable`
              has those that can be.
        Raises: TuneError if nothing can be taken back, or that record cannot.
        """
        self.ask(requests.Undo(seq))
