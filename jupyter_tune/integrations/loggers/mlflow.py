"""MLflow: a parent run for the study, and a run nested below it for each trial.

Where it logs is MLflow's own matter: MLFLOW_TRACKING_URI and MLFLOW_EXPERIMENT_NAME or _ID, which
mlflow.set_tracking_uri and set_experiment set, too. Runs are found again by the tag jupyter_tune.id. MLflow
drops a metric that a run has already with the same step, time and value. Its own states are FINISHED, FAILED
and KILLED; the tag `state` says more.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID, MLFLOW_RUN_NAME, MLFLOW_RUN_NOTE

from jupyter_tune.integrations.loggers.tracker import Point, RefusedError, StudyRun, TrialRun

_STATUS = {
    "running": "RUNNING",
    "complete": "FINISHED",
    "ended": "FINISHED",
    "failed": "FAILED",
    "lost": "FAILED",
    "pruned": "KILLED",
    "cancelled": "KILLED",
    "interrupted": "KILLED",
}

ID, STUDY = "jupyter_tune.id", "jupyter_tune.study"

_AT_ONCE = 100
"""Params and tags in a request; MLflow's limit. Of metrics it takes ten times as many."""

_LONGEST_NAME, _LONGEST_PARAM, _LONGEST_TAG = 250, 500, 5000
"""Characters that servers of all versions take."""


class MlflowTracker:
    """Runs of an MLflow server, database or folder."""

    def __init__(self, files: Path) -> None:
        self._client = MlflowClient()
        self._experiment = self._experiment_id()
        self.place = f"{self._client.tracking_uri} (experiment {self._experiment})"
        self._study = ""
        self._runs: dict[str, str] = {}

    def _experiment_id(self) -> str:
        if given := os.environ.get("MLFLOW_EXPERIMENT_ID"):
            return given
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or "Default"
        found = self._client.get_experiment_by_name(name)
        return str(found.experiment_id if found is not None else self._client.create_experiment(name))

    def open(self, study: StudyRun) -> None:
        found = self._search(f"tags.`{ID}` = '{study.id}'")
        if found:
            self._study = found[study.id]
            self._client.update_run(self._study, "RUNNING")
            self._runs = self._search(f"tags.`{STUDY}` = '{study.id}'")
            return
        self._study = self._create(study.name, study.began_at, {ID: study.id})
        self._batch(self._study, params=study.asked)

    def _search(self, which: str) -> dict[str, str]:
        """Ids of MLflow by ours."""
        found: dict[str, str] = {}
        token = None
        while True:
            page = self._client.search_runs([self._experiment], which, max_results=1000, page_token=token)
            found |= {run.data.tags[ID]: run.info.run_id for run in page}
            token = page.token
            if not token:
                return found

    def _create(self, name: str, at: float, tags: Mapping[str, str]) -> str:
        run = self._client.create_run(self._experiment, _ms(at), {**tags, MLFLOW_RUN_NAME: name}, name)
        return str(run.info.run_id)

    def begin(self, run: TrialRun) -> None:
        if run.id in self._runs:
            self._client.update_run(self._runs[run.id], "RUNNING")
        else:
            of_study = {ID: run.id, STUDY: run.id.split("-")[0], MLFLOW_PARENT_RUN_ID: self._study}
            self._runs[run.id] = self._create(run.name, run.began_at, of_study)
        tags = {"state": run.state, "trial": run.number, "attempt": run.attempt, "source": run.source}
        self._batch(self._runs[run.id], params=run.params, tags=tags)

    def log(self, run: TrialRun, points: Sequence[Point]) -> None:
        metrics = [
            Metric(_name(name), value, _ms(point.at), point.step)
            for point in points
            for name, value in point.metrics.items()
        ]
        self._batch(self._runs[run.id], metrics=metrics)

    def describe(self, run: TrialRun) -> None:
        self._batch(self._runs[run.id], tags={**run.attrs, MLFLOW_RUN_NOTE: run.note})

    def end(self, run: TrialRun) -> None:
        at = run.ended_at or run.began_at
        results = [
            Metric(_name(f"result/{name}"), value, _ms(at), run.last_step)
            for name, value in run.results.items()
        ]
        tags = {"state": run.state, "reason": run.reason, "error": run.error[-_LONGEST_TAG:]}
        self._batch(self._runs[run.id], metrics=results, tags=tags)
        self.describe(run)
        self._client.set_terminated(self._runs[run.id], _STATUS[run.state], _ms(at))

    def keep(self, run: TrialRun, artifacts: Mapping[str, Path]) -> None:
        of = self._runs[run.id]
        for name, path in artifacts.items():
            if path.is_dir():
                _send(self._client.log_artifacts, of, str(path), name)
            else:
                _send(self._client.log_artifact, of, str(path))

    def update(self, study: StudyRun) -> None:
        best = ", ".join(str(run.number) for run in study.best.values())
        summary = [
            Metric(_name(name), value, _ms(study.at), study.done) for name, value in study.summary.items()
        ]
        tags = {**study.tags, "best trial": best, MLFLOW_RUN_NOTE: study.note}
        self._batch(self._study, metrics=summary, tags=tags)

    def flush(self) -> None:
        """Each request has been answered."""

    def mark(self, best: Mapping[str, TrialRun], others: Mapping[str, TrialRun]) -> None:
        for id in (*best, *others):
            self._client.set_tag(self._runs[id], "best", str(id in best).lower())

    def close(self, study: StudyRun) -> None:
        self._batch(self._study, tags={"state": study.state, "reason": study.reason})
        ended_at = study.ended_at or study.at
        self._client.set_terminated(self._study, _STATUS[study.state], _ms(ended_at))

    def _batch(
        self,
        run: str,
        *,
        metrics: Sequence[Metric] = (),
        params: Mapping[str, Any] | None = None,
        tags: Mapping[str, Any] | None = None,
    ) -> None:
        """Log these. Empty tags are left out."""
        found = [RunTag(_name(name), str(v)[:_LONGEST_TAG]) for name, v in (tags or {}).items() if v != ""]
        given = [Param(_name(name), str(v)[:_LONGEST_PARAM]) for name, v in (params or {}).items()]
        for start in range(0, max(len(metrics), len(found), len(given)), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            _send(self._client.log_batch, run, metrics[part], given[part], found[part])


def _send(request: Callable[..., Any], *arguments: Any) -> None:
    """Send a request. Raises RefusedError where the server understands it and will not have it."""
    try:
        request(*arguments)
    except MlflowException as error:
        if error.get_http_status_code() == 400:
            raise RefusedError(str(error)) from error
        raise


def _name(name: str) -> str:
    """As MLflow takes names: letters, digits and _ - . : / and spaces, but no path."""
    clean = re.sub(r"[^\w\-./: ]", "_", name)
    # it refuses what a path would normalise
    clean = re.sub(r"(^|/)(?=\.{0,2}(/|$))", r"\1_", clean)
    return clean[:_LONGEST_NAME]


def _ms(at: float) -> int:
    return int(at * 1000)
