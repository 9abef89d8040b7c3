"""Weights & Biases: a group of runs for the study, one for each trial and one for the study itself.

Where it logs is wandb's own matter: WANDB_PROJECT, WANDB_ENTITY, WANDB_MODE, WANDB_DIR, `wandb login`. A
run's id is ours, so a run that was logged before is gone on with (resume="allow"). Rows of a run are numbered
by the order of its reports, and wandb drops a number that it has; curves are drawn over the metric `step`,
since steps of folds, and of a trial that goes on from a checkpoint, come again. A trial that failed ends with
exit code 1, all others with 0: wandb has no word for a pruned one. The summary's `state` says it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import wandb

from jupyter_tune.integrations.loggers.tracker import Point, StudyRun, TrialRun

_FAILED = ("failed", "lost")


class WandbTracker:
    """Runs of a project."""

    def __init__(self, files: Path) -> None:
        # what a tracker before this one has left open, after an error
        wandb.teardown()
        settings = wandb.setup().settings
        project = "/".join(filter(None, [settings.entity, settings.project or "uncategorized"]))
        if settings.mode in ("offline", "dryrun"):
            self.place = f"{settings.wandb_dir} (project {project}, offline: wandb sync sends it)"
        else:
            self.place = f"{settings.base_url} (project {project})"
        self._group = ""
        self._open: dict[str, Any] = {}
        self._ended: dict[str, int] = {}

    def open(self, study: StudyRun) -> None:
        self._group = study.name
        asked = {name: str(value) for name, value in study.asked.items()}
        self._run(study.id, study.name, "study", "done", config=asked)

    def _run(self, id: str, name: str, kind: str, over: str, **given: Any) -> Any:
        if id not in self._open:
            run = wandb.init(
                id=id,
                name=name,
                group=self._group,
                job_type=kind,
                resume="allow",
                reinit="create_new",
                settings=wandb.Settings(
                    silent=True,
                    # of this process, not of the trial's
                    console="off",
                    disable_code=True,
                    disable_git=True,
                    x_disable_meta=True,
                    x_disable_stats=True,
                    x_save_requirements=False,
                ),
                **given,
            )
            run.define_metric(over, hidden=True)
            run.define_metric("*", step_metric=over)
            self._open[id] = run
        return self._open[id]

    def _of(self, run: TrialRun) -> Any:
        config = {**run.params, "trial": run.number, "attempt": run.attempt, "source": run.source}
        if run.ended_at is not None:
            self._ended[run.id] = int(run.state in _FAILED)
        return self._run(run.id, run.name, "trial", "step", config=config)

    def _study(self, study: StudyRun) -> Any:
        return self._run(study.id, study.name, "study", "done")

    def begin(self, run: TrialRun) -> None:
        self._of(run)

    def log(self, run: TrialRun, points: Sequence[Point]) -> None:
        of = self._of(run)
        for point in points:
            of.log({**point.metrics, "step": point.step}, step=point.index)

    def describe(self, run: TrialRun) -> None:
        of = self._of(run)
        of.config.update(dict(run.attrs), allow_val_change=True)
        of.notes = run.note or None

    def end(self, run: TrialRun) -> None:
        results = {f"result/{name}": value for name, value in run.results.items()}
        told = {"state": run.state, "reason": run.reason, "error": run.error}
        self._of(run).summary.update({**results, **{name: text for name, text in told.items() if text}})
        self.describe(run)

    def keep(self, run: TrialRun, artifacts: Mapping[str, Path]) -> None:
        artifact = wandb.Artifact(f"trial-{run.id}", type="trial")
        for name, path in artifacts.items():
            if path.is_dir():
                artifact.add_dir(str(path), name=name)
            else:
                artifact.add_file(str(path), name=name)
        self._of(run).log_artifact(artifact)

    def update(self, study: StudyRun) -> None:
        of = self._study(study)
        of.log({**study.summary, "done": study.done}, step=study.done)
        of.config.update(dict(study.tags), allow_val_change=True)
        of.notes = study.note or None

    def flush(self) -> None:
        while self._ended:
            id, code = self._ended.popitem()
            self._open.pop(id).finish(exit_code=code)

    def mark(self, best: Mapping[str, TrialRun], others: Mapping[str, TrialRun]) -> None:
        for run in (*best.values(), *others.values()):
            of = self._of(run)
            of.tags = tuple({*(of.tags or ()), "best"} if run.id in best else {*(of.tags or ())} - {"best"})
            of.summary["best"] = run.id in best
        self.flush()

    def close(self, study: StudyRun) -> None:
        best = ", ".join(str(run.number) for run in study.best.values())
        of = self._study(study)
        of.summary.update({"state": study.state, "reason": study.reason, "best trial": best})
        # also the runs of trials that were interrupted
        for run in self._open.values():
            run.finish()
        self._open.clear()
        wandb.teardown()
