"""The studies in a folder, and those that run elsewhere on this machine, a row each."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from jupyter_tune import journal
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.client.overviews import look
from jupyter_tune.core.encoding import number_to_json
from jupyter_tune.errors import TuneError
from jupyter_tune.views.overview import overview
from jupyter_tune.views.words import tags_in_words

_COLUMNS = "{:<28} {:<11} {:>7} {:>11}  {}"

_HEADER = _COLUMNS.format("name", "state", "trials", "best", "metric")


@dataclass(frozen=True)
class Row:
    """A study in a list.

    `error`: why it cannot be read, "" if it can; `folder`: where its file is; `is_detached`: it runs, and
    outlives its kernel or terminal; `opened_at`: when it began, unix seconds; `loss`: of `best`; `tags`: as
    the study has them; `further`: the metrics after the first, `front`: how many trials stand on their front.
    """

    name: str
    state: str = ""
    trials: int = 0
    best: float | None = None
    metric: str = ""
    error: str = ""
    folder: str = ""
    is_detached: bool = False
    opened_at: float = 0.0
    loss: float | None = None
    tags: Mapping[str, Any] = field(default_factory=dict)
    further: tuple[str, ...] = ()
    front: int = 0

    def __str__(self) -> str:
        if self.error:
            return f"{self.name:<28} {self.error}"
        best = "-" if self.best is None else f"{self.best:.6g}"
        if self.front:
            best = f"{self.front} on front"
        state = f"{self.state}*" if self.is_detached else self.state
        written = f"  [{tags_in_words(self.tags)}]" if self.tags else ""
        metrics = ", ".join([self.metric, *self.further])
        return _COLUMNS.format(self.name, state, self.trials, best, metrics) + written

    def to_json(self) -> dict[str, Any]:
        told = asdict(self)
        del told["loss"]
        if not self.further:
            del told["further"], told["front"]
        return {**told, "best": number_to_json(self.best)}


CHANGED = "changed"

SORTS: dict[str, Callable[[Row], Any]] = {
    # as they are found: a sort keeps the order of equals
    CHANGED: lambda row: 0,
    "created": lambda row: row.opened_at,
    "name": lambda row: row.name,
    "state": lambda row: row.state,
    "trials": lambda row: -row.trials,
    # those of one metric together, the best first
    "best": lambda row: (row.metric, math.inf if row.loss is None else row.loss),
}
"""The orders of a list: what its rows are sorted by."""


@dataclass(frozen=True)
class Listing:
    """`here`: the studies in `folder`; `elsewhere`: those in other folders, which run."""

    folder: Path
    here: list[Row]
    elsewhere: list[Row]

    def __str__(self) -> str:
        lines = [_HEADER, *map(str, self.here)] if self.here else [f"No studies in {self.folder}."]
        if self.elsewhere:
            lines += ["", "Running in other folders:"]
            lines += [f"{row}  {row.folder}" for row in self.elsewhere]
        if any(row.is_detached for row in [*self.here, *self.elsewhere]):
            lines += ["", "* detached: it goes on when its kernel or terminal ends"]
        return "\n".join(lines)

    def to_json(self) -> list[dict[str, Any]]:
        return [row.to_json() for row in [*self.here, *self.elsewhere]]


def listing(
    folder: Path,
    known: Mapping[str, StudyHandle] | None = None,
    sort: str = CHANGED,
    tags: Mapping[str, Any] | None = None,
) -> Listing:
    """The studies of `folder` and those that run elsewhere.

    Args:
        known: handles that are open, by name.
        sort:  one of SORTS.
        tags:  only studies that have these; of one that is True, whatever its value.
    """
    others = {study.path: study.is_detached for study in journal.running()}
    here = [
        replace(row, is_detached=others.pop(folder / f"{row.name}{journal.SUFFIX}", False))
        for row in sorted(studies_in(folder, known), key=SORTS[sort])
    ]
    elsewhere = [replace(_row(path, {}), is_detached=others[path]) for path in others]
    return Listing(folder, *([row for row in rows if _has(row, tags or {})] for rows in (here, elsewhere)))


def _has(row: Row, tags: Mapping[str, Any]) -> bool:
    return all(
        name in row.tags and (value is True or str(row.tags[name]) == str(value))
        for name, value in tags.items()
    )


def detached_studies() -> list[str]:
    """A line for each detached study that runs on this machine: how to see it, for who has forgotten it."""
    return [
        f"Study {journal.stem(study.path)!r} runs detached: %tune show {shlex.quote(str(study.path))}"
        for study in journal.running()
        if study.is_detached
    ]


def stop_all() -> dict[Path, str]:
    """Stop every study of this user that runs on this machine. Returns for each why it was not stopped; ""
    where it was."""
    return {study.path: _stop(study.path) for study in journal.running()}


def stopped_in_words(stopped: Mapping[Path, str]) -> str:
    """What `stop_all` has done, a line for each study."""
    lines = [f"Not stopped: {path}: {why}" if why else f"Stopped: {path}" for path, why in stopped.items()]
    return "\n".join(lines or ["No study is running."])


def _stop(path: Path) -> str:
    try:
        handle = StudyHandle.read(path)
        # it may have ended meanwhile
        if not handle.is_over:
            handle.stop()
        handle.close()
    except TuneError as error:
        return str(error)
    return ""


def studies_in(folder: Path, known: Mapping[str, StudyHandle] | None = None) -> list[Row]:
    """The studies in a folder, the oldest change first. `known`: handles that are open already, by name."""
    paths = sorted(folder.glob(f"*{journal.SUFFIX}"), key=lambda path: path.stat().st_mtime)
    return [_row(path, known or {}) for path in paths]


def _row(path: Path, known: Mapping[str, StudyHandle]) -> Row:
    name, folder = journal.stem(path), str(path.parent)
    try:
        if name in known and known[name].path == path:
            # it has what the driver has sent by now
            found, state = overview(known[name].snapshot()), known[name].state
        else:
            standing = look(path)
            found, state = standing.overview, standing.state
    except TuneError as error:
        return Row(name, error=str(error), folder=folder)
    return Row(
        name,
        state,
        found.trials,
        found.best,
        found.metric,
        folder=folder,
        opened_at=found.opened_at,
        loss=found.loss,
        tags=found.tags,
        further=tuple(found.further),
        front=found.front,
    )
