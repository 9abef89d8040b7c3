"""Advice about a study, for its user to act on: `study.advice()`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, overload

from jupyter_tune.core.advice import Finding, advice
from jupyter_tune.core.study import Study
from jupyter_tune.errors import OptionError, TuneError
from jupyter_tune.wire import requests
from jupyter_tune.wire.requests import Request


@dataclass(frozen=True)
class Advice(Sequence[Finding]):
    """The findings about a study at one moment, each with what to do: `advice[0].text`, `advice.apply(0)`.

    note: what is to be known before it is acted on: what could not be looked at, and why.
    """

    findings: Sequence[Finding]
    note: str
    _act: Callable[[Finding], None]

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Finding]: ...
    def __getitem__(self, index: int | slice) -> Finding | Sequence[Finding]:
        return self.findings[index]

    def __len__(self) -> int:
        return len(self.findings)

    def apply(self, index: int) -> None:
        """Act on finding `index`: narrow the running study, or widen its ranges again.

        Raises: OptionError if its remedy is for another study, with the remedy; DriverError if the study does
            not run.
        """
        finding = self.findings[index]
        if not finding.ranges:
            raise OptionError(f"advice {index}: is for the next study: {finding.remedy}")
        self._act(finding)

    def __repr__(self) -> str:
        lines = [f"[{index}] {finding}" for index, finding in enumerate(self.findings)]
        lines = lines or ["No finding: the results so far show no fault of the set-up."]
        return "\n".join([*lines, self.note] if self.note else lines)


class AdvisedStudy(ABC):
    """A study that says what is wrong with its set-up."""

    @abstractmethod
    def snapshot(self) -> Study: ...

    @abstractmethod
    def landscape(self) -> dict[str, Any]: ...

    @abstractmethod
    def ask(self, request: Request) -> Any: ...

    def advice(self) -> Advice:
        """What its results say about its set-up: a best trial at the edge of a range, a parameter without
        effect, a region that always fails, noise, pruning by readings that foretell nothing.

        `study.advice().apply(0)` acts on the first finding, where the running study can be changed.
        """
        try:
            model, note = self.landscape(), ""
        except TuneError as error:
            model, note = {}, f"Without the model, so nothing about effects and noise: {error}"
        study = self.snapshot()
        findings = advice(study, model)
        if study.is_ended and any(finding.ranges for finding in findings):
            note = "\n".join(
                filter(None, ["The study has ended: resume it first, by study.resume(trials=20).", note])
            )
        return Advice(findings, note, self._act_on)

    def _act_on(self, finding: Finding) -> None:
        self.ask(requests.Narrow({name: list(to) for name, to in finding.ranges.items()}, None))
