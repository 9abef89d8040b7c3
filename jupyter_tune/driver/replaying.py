"""Replay: each decision of a study's journal is made again, and compared with what was recorded.

    suggestion   by the sampler, on the study as it was at the record that the suggestion knew
    prune        by the pruner, at the report after which the trial was halted
    resume       of a pruned trial that is among the best again
    end          by the stop rules, or because all is done; of the search, before the best are confirmed

What users did, what trials reported and who failed are facts: they are taken as recorded. A halt may lose a
race against the trial's own end, which is no difference, nor is one that its driver's death took with it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jupyter_tune import journal as journals
from jupyter_tune.core.commands import Close, Command, EndSearch, Halt, Resume
from jupyter_tune.core.events import (
    DriverStarted,
    Record,
    SearchEnded,
    StudyEnded,
    StudyOpened,
    TrialEnded,
    TrialReported,
    TrialResumed,
    TrialSuggested,
)
from jupyter_tune.core.launches import trial_seed
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import PRUNED
from jupyter_tune.driver.decisions import Decisions, taken_again
from jupyter_tune.registry import FALLBACK_SAMPLER, library_versions, make_sampler

_LATE = 3
"""Reports that a trial may have sent before its halt reached it."""

_SAME = 1e-12
"""In the last bit of a logarithm machines differ."""


def replay_of(path: Path) -> dict[str, Any]:
    """What came of replaying the study in `path`, as client/replay.py has it. Raises JournalError."""
    return _Replaying(journals.read_records(path)).result()


class _Replaying:
    def __init__(self, records: Sequence[Record]):
        self._records = records
        events = [record.event for record in records]
        # the states that suggestions were computed on
        self._wanted = {event.known for event in events if isinstance(event, TrialSuggested)}
        self._states: dict[int, Study] = {}
        self._halts: dict[tuple[int, int], Halt] = {}
        self._late: dict[tuple[int, int], int] = {}
        self._resumes: set[int] = set()
        self._search_end: str | None = None
        self._close: Close | None = None
        self._counts = dict.fromkeys(("suggestions", "prunes", "resumes", "ends"), 0)
        self._unsure = 0
        self._differences: list[dict[str, Any]] = []

    def result(self) -> dict[str, Any]:
        for (decisions, record, commands), following in zip(
            taken_again(self._records), [*self._records[1:], None], strict=True
        ):
            if isinstance(record.event, DriverStarted):
                self._forget()
            if record.seq in self._wanted:
                self._states[record.seq] = decisions.study.snapshot()
            for command in commands:
                self._note(command)
            if following is not None:
                self._compare(decisions, following)
        return {
            "counts": self._counts,
            "unsure": self._unsure,
            "differences": len(self._differences),
            "first": self._differences[0] if self._differences else None,
            "libraries": _other_libraries(self._records),
        }

    def _forget(self) -> None:
        """Commands in flight died with their driver."""
        self._halts, self._late, self._resumes = {}, {}, set()
        self._search_end = self._close = None

    def _note(self, command: Command) -> None:
        match command:
            case Halt(number=number, attempt=attempt):
                self._halts[number, attempt] = command
            case Resume(number=number):
                self._resumes.add(number)
            case EndSearch(reason=reason):
                self._search_end = reason
            case Close():
                self._close = command

    def _compare(self, decisions: Decisions, record: Record) -> None:
        match record.event:
            case TrialSuggested() as event:
                self._compare_suggestion(decisions, record, event)
            case TrialResumed(number=number):
                again = f"trial {number} goes on" if number in self._resumes else "it stays pruned"
                self._count("resumes", record, f"trial {number} goes on", again)
            case TrialReported(number=number, attempt=attempt) if (number, attempt) in self._halts:
                self._compare_report(record, (number, attempt))
            case TrialEnded(number=number, attempt=attempt, state=state, reason=reason) if state == PRUNED:
                if number not in decisions.study.halts:
                    halt = self._halts.get((number, attempt))
                    again = "it goes on" if halt is None else halt.reason
                    self._count("prunes", record, reason, again, f"the end of trial {number}")
            case SearchEnded(reason=reason):
                again = self._search_end or "it goes on"
                self._count("ends", record, reason, again, "the end of the search")
            case StudyEnded(reason=reason):
                again = "it goes on" if self._close is None else self._close.reason
                self._count("ends", record, reason, again, "the end of the study")

    def _compare_report(self, record: Record, key: tuple[int, int]) -> None:
        self._late[key] = self._late.get(key, 0) + 1
        if self._late[key] == _LATE + 1 and self._halts[key].state == PRUNED:
            what = f"trial {key[0]}"
            self._count("prunes", record, "it went on", f"pruned: {self._halts[key].reason}", what)

    def _compare_suggestion(self, decisions: Decisions, record: Record, event: TrialSuggested) -> None:
        study, what = decisions.study, f"the suggestion of trial {event.number}"
        try:
            command = decisions.engine.command_for(event.number)
        except KeyError:
            self._count("suggestions", record, f"{event.params}", "none is asked for", what)
            return
        known = study if event.known is None else self._states.pop(event.known)
        if command.source == "default":
            params, source = study.ranges.defaults(), command.source
        else:
            seed = trial_seed(study.settings.seed, event.number)
            try:
                params, source = make_sampler(study.settings.sampler).suggest(known, command, seed)
            except Exception:
                # as the driver does (driver/suggestions.py)
                params, source = make_sampler(FALLBACK_SAMPLER).suggest(known, command, seed)
            source = command.source or source
        if _same(params, event.params) and source == event.source:
            self._count("suggestions", record, "", "", what)
        elif event.known is None and command.source != "default":
            self._unsure += 1
        else:
            then, again = f"{event.source}: {event.params}", f"{source}: {params}"
            self._count("suggestions", record, then, again, what)

    def _count(self, kind: str, record: Record, then: str, again: str, what: str = "") -> None:
        self._counts[kind] += 1
        if then != again:
            about = what or f"record {record.seq}"
            self._differences.append({"seq": record.seq, "what": about, "then": then, "again": again})


def _same(one: Params, other: Params) -> bool:
    return one.keys() == other.keys() and all(
        math.isclose(value, other[name], rel_tol=_SAME)  # type: ignore[arg-type]
        if isinstance(value, float) and isinstance(other[name], float)
        else value == other[name]
        for name, value in one.items()
    )


def _other_libraries(records: Sequence[Record]) -> dict[str, list[str]]:
    """Library -> [its version then, its version now], of those that suggestions are computed with."""
    then: Mapping[str, str] = {}
    for record in records:
        if isinstance(record.event, StudyOpened):
            then = record.event.origin.get("libraries", {})
        elif isinstance(record.event, DriverStarted):
            then = record.event.libraries or then
    now = library_versions()
    return {name: [then[name], now.get(name, "none")] for name in then if then[name] != now.get(name)}
