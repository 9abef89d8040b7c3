"""The studies in a folder, a row each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jupyter_tune import journal
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.core.encoding import number_to_json
from jupyter_tune.errors import TuneError

_COLUMNS = "{:<28} {:<11} {:>7} {:>10}  {}"

HEADER = _COLUMNS.format("name", "state", "trials", "best", "metric")


@dataclass(frozen=True)
class Row:
    """A study in a list; `error`: why it cannot be read, "" if it can."""

    name: str
    state: str = ""
    trials: int = 0
    best: float | None = None
    metric: str = ""
    error: str = ""

    def __str__(self) -> str:
        if self.error:
            return f"{self.name:<28} {self.error}"
        best = "-" if self.best is None else f"{self.best:.6g}"
        return _COLUMNS.format(self.name, self.state, self.trials, best, self.metric)

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "best": number_to_json(self.best)}


def studies_in(folder: Path, known: Mapping[str, StudyHandle] | None = None) -> list[Row]:
    """The studies in a folder, the oldest change first. `known`: handles that are open already, by name."""
    paths = sorted(folder.glob(f"*{journal.SUFFIX}"), key=lambda path: path.stat().st_mtime)
    return [_row(path, known or {}) for path in paths]


def _row(path: Path, known: Mapping[str, StudyHandle]) -> Row:
    name = path.name.removesuffix(journal.SUFFIX)
    try:
        if name in known:
            return _row_of(known[name])
        return _row_of(StudyHandle.glance(path))
    except TuneError as error:
        return Row(name, error=str(error))


def _row_of(handle: StudyHandle) -> Row:
    study = handle.snapshot()
    best = study.best_trial
    value = None if best is None else best.value
    return Row(handle.name, handle.state, len(study.trials), value, study.settings.metric)
