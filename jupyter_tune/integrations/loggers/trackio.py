"""trackio: a project, TRACKIO_PROJECT or `jupyter_tune`, in which the study is a group of runs.

Where it logs is trackio's own matter: TRACKIO_DIR, TRACKIO_SPACE_ID, TRACKIO_SERVER_URL. A run of it has a
name, a config and rows by step, and no state of its own: the last row says how the trial ended. Runs are
found again by name, with a part of the study's id in it, since another study may have had its name. trackio
writes in the background, and has all that a run was given when that is finished: so runs are finished before
the position is written, and gone on with when there is more. Of a run that was there before, steps that it
has are passed over.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import trackio
from trackio.sqlite_storage import SQLiteStorage
from trackio.utils import TRACKIO_DIR

from jupyter_tune.integrations.loggers.tracker import Point, StudyRun, TrialRun

PROJECT_VARIABLE = "TRACKIO_PROJECT"
DEFAULT_PROJECT = "jupyter_tune"


class TrackioTracker:
    """Runs of a project."""

    def __init__(self, files: Path) -> None:
        self._project = os.environ.get(PROJECT_VARIABLE) or DEFAULT_PROJECT
        remote = os.environ.get("TRACKIO_SPACE_ID") or os.environ.get("TRACKIO_SERVER_URL")
        self.place = f"{remote or TRACKIO_DIR} (project {self._project})"
        self._is_local = remote is None
        self._study = self._group = ""
        self._open: dict[str, Any] = {}
        self._had: dict[str, int] = {}

    def open(self, study: StudyRun) -> None:
        self._group = study.name
        self._study = f"{study.name} {study.id[:4]}"
        asked = {name: str(value) for name, value in study.asked.items()}
        self._run(self._study, {**asked, "study": study.name, "id": study.id})

    def _run(self, name: str, config: Mapping[str, Any] | None = None) -> Any:
        """The run of that name, made or gone on with."""
        if name not in self._had:
            had = SQLiteStorage.get_max_step_for_run(self._project, name) if self._is_local else None
            self._had[name] = -1 if had is None else had
        if name not in self._open:
            self._open[name] = trackio.init(
                project=self._project,
                name=name,
                group=self._group,
                config=dict(config or {}),
                resume="allow",
                embed=False,
                # of this process, not of the trial's
                auto_log_gpu=False,
                auto_log_cpu=False,
            )
        return self._open[name]

    def _name(self, run: TrialRun) -> str:
        again = f", attempt {run.attempt}" if run.attempt > 1 else ""
        return f"{self._study}, trial {run.number}{again}"

    def begin(self, run: TrialRun) -> None:
        config = {
            **run.params,
            "trial": run.number,
            "attempt": run.attempt,
            "source": run.source,
            "id": run.id,
        }
        self._run(self._name(run), config)

    def log(self, run: TrialRun, points: Sequence[Point]) -> None:
        name = self._name(run)
        for point in points:
            row = self._run(name)
            if point.step > self._had[name]:
                row.log(dict(point.metrics), step=point.step)

    def describe(self, run: TrialRun) -> None:
        told = {**run.attrs, **({"note": run.note} if run.note else {})}
        if told:
            self._run(self._name(run)).log({k: str(v) for k, v in told.items()}, step=run.last_step)

    def end(self, run: TrialRun) -> None:
        results = {f"result/{name}": value for name, value in run.results.items()}
        reason = {"reason": run.reason} if run.reason else {}
        row = {**results, **reason, "state": run.state}
        self._run(self._name(run)).log(row, step=run.last_step)
        self.describe(run)

    def keep(self, run: TrialRun, artifacts: Mapping[str, Path]) -> None:
        for name, path in artifacts.items():
            kind = f"trial-{run.number}-{name}"
            self._run(self._name(run)).log_artifact(path, name=kind, type="artifact", overwrite=True)

    def update(self, study: StudyRun) -> None:
        self._run(self._study).log(dict(study.summary), step=study.done)

    def flush(self) -> None:
        while self._open:
            self._open.popitem()[1].finish()

    def mark(self, best: Mapping[str, TrialRun], others: Mapping[str, TrialRun]) -> None:
        for run in (*best.values(), *others.values()):
            self._run(self._name(run)).log({"best": int(run.id in best)}, step=run.last_step)

    def close(self, study: StudyRun) -> None:
        best = ", ".join(str(run.number) for run in study.best.values())
        row = {"state": study.state, "reason": study.reason, "best trial": best, **study.tags}
        self._run(self._study).log({k: str(v) for k, v in row.items() if v != ""}, step=study.done)
        self.flush()
