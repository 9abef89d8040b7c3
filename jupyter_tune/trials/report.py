"""`report` and `trial`: the interface between training code and its study.

Both refer to the trial of this process. Outside a study, `report` prints and `trial` has number 0, so a
cell also runs as a plain script. Both pickle by reference: loaded in another process, they refer to the
trial of that process. A script that a trial runs as a command joins that trial: the variable JOB of its
environment has the trial's values, and a socket that takes its reports (command/scripts.py).

`report` sends the metrics through the trial's channel (channel.py) and waits for the verdict. A trial is
stopped by TrialHalted, which `except Exception` does not catch. Code that catches it gets it again at every
later report, and the trial's outcome is the halt's in any case.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_tune.core.events import Metrics
from jupyter_tune.core.folds import Label
from jupyter_tune.core.measurements import as_fold, as_metric, as_step
from jupyter_tune.core.notes import checked_tags
from jupyter_tune.errors import ReportError, TuneError
from jupyter_tune.trials import artifacts
from jupyter_tune.trials.channel import Channel, TrialHalted
from jupyter_tune.wire.frames import Message

CHECKPOINTS = "checkpoints"
JOB = "JUPYTER_TUNE_JOB"
"""The variable by which a script finds the trial that runs it, as JSON."""

__all__ = ["TrialHalted", "report", "trial"]


@dataclass
class RunningTrial:
    """The trial that this process runs; by default the stand-in used outside a study."""

    number: int = 0
    params: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    folder: Path | None = None
    channel: Channel | None = None
    attempt: int = 1
    metrics: Sequence[str] = ()
    """The metrics that the trial must have, the study's first; none without a study."""
    reported: set[str] = field(default_factory=set)
    """Names of the metrics reported so far."""
    attrs: dict[str, Any] = field(default_factory=dict)
    """What the trial has written on itself so far."""
    repeat: int = 0
    repeats: int = 1
    """How often its code runs (repeats.py); which run this is, from 0."""
    last_step: int = 0
    """Used by the stand-in only; a channel counts steps itself, under its lock."""

    def report(
        self, step: int | None, metrics: Metrics, fold: Label | None = None, wait: bool = True
    ) -> None:
        self.reported |= metrics.keys()
        if self.channel is not None:
            self.channel.report(step, metrics, fold=self.label(fold), wait=wait)
            return
        self.last_step = self.last_step + 1 if step is None else step
        of_fold = "" if fold is None else f"fold {fold}, "
        print(
            f"{of_fold}step {self.last_step}: "
            + ", ".join(f"{name}={value:g}" for name, value in metrics.items())
        )

    def write(self, attrs: dict[str, Any]) -> None:
        """Put these attributes on the trial."""
        self.attrs |= attrs
        if self.channel is not None:
            self.channel.report(None, {}, attrs)

    def label(self, fold: Label | None) -> Label | None:
        """The label of a fold among those of the trial."""
        if self.repeats == 1:
            return fold
        return self.repeat if fold is None else f"{self.repeat}.{fold}"

    @property
    def checkpoints(self) -> Path:
        """Where this run has its checkpoints."""
        return self.subfolder(f"{CHECKPOINTS}-{self.repeat}" if self.repeat else CHECKPOINTS)

    def own_folder(self) -> Path:
        """The trial's folder; of the stand-in a new one."""
        if self.folder is None:
            self.folder = Path(tempfile.mkdtemp(prefix="jupyter_tune-"))
        return self.folder

    def subfolder(self, name: str) -> Path:
        path = self.own_folder() / name
        path.mkdir(parents=True, exist_ok=True)
        return path


_running: RunningTrial | None = None


def set_running(running: RunningTrial | None) -> None:
    """Make `running` the trial that `report` and `trial` of this process refer to."""
    global _running
    _running = running


def _current() -> RunningTrial:
    global _running
    if _running is None:
        job = os.environ.get(JOB)
        _running = RunningTrial() if job is None else _joined(json.loads(job))
    return _running


def _joined(job: Message) -> RunningTrial:
    """The trial that has started this script as its command, or a part of it."""
    import socket  # few scripts need it

    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(job["socket"])
    except OSError:
        connection.close()
        raise TuneError(
            f"trial {job['number']} of the study has ended, and this process goes on without it; "
            f"unset {JOB} to run it by itself"
        ) from None
    channel = Channel(connection.detach(), job["last_step"])
    return RunningTrial(
        job["number"],
        job["params"],
        job["seed"],
        Path(job["folder"]),
        channel,
        job["attempt"],
        job.get("metrics", ()),
        repeat=job.get("repeat", 0),
    )


def report(step: int | None = None, *, fold: int | str | None = None, **metrics: Any) -> None:
    """Report metrics of the trial, as in `report(accuracy=0.91, step=3)`. May also stop the trial.

    Args:
        step:    epoch or iteration; default: the last step plus 1.
        fold:    the part of the trial that was measured, such as the fold of a cross-validation, by number or
                 name: the trial's value is then the mean over its folds.
        metrics: Python numbers, numpy or torch scalars, or 0-d tensors.

    Raises:
        ReportError: a metric is not a number, or none is given.
        TrialHalted: the trial is pruned or cancelled; do not catch it.
    """
    measured = _measured(metrics)
    part = None if fold is None else as_fold(fold)
    _current().report(None if step is None else as_step(step), measured, part)


def post(step: int, metrics: Mapping[str, Any]) -> None:
    """Report metrics of the trial without waiting for the verdict: a later `report` or `post` raises it.

    Raises: as `report`.
    """
    measured = _measured(metrics)
    _current().report(as_step(step), measured, wait=False)


def _measured(metrics: Mapping[str, Any]) -> Metrics:
    if not metrics:
        raise ReportError("report() was given no metric; give one by name: report(accuracy=0.91)")
    return {name: as_metric(name, value) for name, value in metrics.items()}


def is_in_study() -> bool:
    """Whether this process runs a trial of a study, and does not try its code out by itself."""
    return _current().channel is not None


class CurrentTrial:
    """The trial that runs in this process."""

    @property
    def number(self) -> int:
        """Its number in the study, from 0; 0 outside a study."""
        return _current().number

    @property
    def params(self) -> dict[str, Any]:
        """The values of this trial's parameters by name; empty outside a study."""
        return _current().params

    @property
    def seed(self) -> int:
        """From the study's seed and the trial's number; python, numpy and torch are seeded with it."""
        return _current().seed

    @property
    def repeat(self) -> int:
        """Which of the study's `repeats` runs of this trial it is, from 0; each has a seed of its own."""
        return _current().repeat

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that this trial must have: what the study is after first, then what its constraints
        are about. Empty outside a study."""
        return tuple(_current().metrics)

    @property
    def checkpoint_dir(self) -> Path:
        """A folder shared by all attempts of this trial; empty when the first one starts.

        Save the training state here, and load it if it is there. A pruned trial with a checkpoint is
        started again if it becomes promising later, and continues from the checkpoint. Pass `step` to
        `report` in this case. The process can be killed at any time: write to a new file, then rename it.
        """
        return _current().checkpoints

    def save_artifact(self, path: str | os.PathLike[str], name: str | None = None) -> Path:
        """Keep a copy of a file or folder, such as a trained model. Returns the path of the copy.

        `study.best_trial.artifacts` has those of the best trial, and `study.best_trial.load()` reads them.
        One that is saved again under its name is replaced as a whole.

        Args: name: default: the file's own.
        Raises: ArtifactError if there is no such file, or no room on the disk.
        """
        running = _current()
        return artifacts.save(running.own_folder(), running.attempt, Path(path), name)

    @property
    def user_attrs(self) -> dict[str, Any]:
        """What `set_user_attr` has put on this attempt so far."""
        return dict(_current().attrs)

    def set_user_attr(self, key: str, value: Any) -> None:
        """Put a value on the trial, such as the name of its data or the size of its model.

        It is in `study.trials[n].user_attrs` and, as `user_attrs_KEY`, in `trials_dataframe()`.

        Args: value: a text, number, truth value, or lists and dicts of them.
        Raises: OptionError if the value is none of these; TrialHalted as `report` does.
        """
        _current().write(checked_tags({key: value}, "set_user_attr"))

    def __reduce__(self) -> str:
        return "trial"

    def __repr__(self) -> str:
        return f"trial {self.number}: {self.params}"


trial = CurrentTrial()
