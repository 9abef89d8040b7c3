"""The progress of a training: what it reports, whether it goes on, and the state that it saves.

A training is stopped by the flag of its library, so that the library ends it as it ends every training. The
halt of the trial is therefore caught here, where `report` raises it: the trial's outcome is the halt's in any
case. The code after the training has the rest of the halt's grace period.

A report that waits for its verdict takes about a millisecond, which is much beside a boosting round. So a
step waits only while all waiting has taken no more than WAITING of the training's time: each step that takes
longer than 200 ms, every tenth of those that take 20 ms. The others are sent, which takes 0.1 to 0.2 ms each,
and the verdict comes with a later step, so that a pruned training may run a step further.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from time import monotonic
from typing import Any, TypeAlias

from jupyter_tune.core.measurements import as_metric
from jupyter_tune.core.readers.names import meant_or
from jupyter_tune.errors import OptionError, ReportError
from jupyter_tune.trials.report import TrialHalted, is_in_study, post, report, trial

Chosen: TypeAlias = "str | Collection[str] | Mapping[str, str] | None"
"""Which metrics of the library are reported: one, several, or a mapping of names in the study to theirs."""

NOT_NAMES = frozenset({"step", "fold"})
"""Arguments of `report`, which no metric can be called."""

WAITING = 0.005
"""Share of a training's time that it may wait for verdicts."""

STATE = "state"
"""Name of the training's state in the folder of checkpoints, without the ending of its library."""


class Progress:
    """What a callback reports of its training.

    Args:
        metrics:          which of the library's metrics are reported: a name, several, or a mapping of the
                          names in the study to those of the library; default: all that were measured on
                          other than training data.
        checkpoint_every: save the state after this many epochs or rounds; default: never.

    Raises: OptionError if an argument cannot be meant.
    """

    stopped = False
    """Whether the trial has been pruned or cancelled, so that what follows the training need not run."""

    def __init__(self, metrics: Chosen = None, checkpoint_every: int | None = None):
        self._names = _names(metrics)
        if checkpoint_every is not None and (type(checkpoint_every) is not int or checkpoint_every < 1):
            raise OptionError(
                f"checkpoint_every: must be a number of epochs or rounds from 1, got {checkpoint_every!r}; "
                "leave it out to save no state"
            )
        self._every = checkpoint_every
        self._began = monotonic()
        self._waited_s = 0.0

    def report(
        self, step: int, metrics: Mapping[str, Any], by_default: Collection[str] | None = None
    ) -> bool:
        """Report the chosen ones of `metrics`. Returns whether the training goes on.

        Args: by_default: names of those that are reported if the user has chosen none; None for all.
        Raises: OptionError naming a chosen metric that the library did not measure.
        """
        chosen = self._chosen(metrics, metrics if by_default is None else by_default)
        try:
            self._send(step, chosen)
        except TrialHalted:
            self.stopped = True
        return not self.stopped

    def _send(self, step: int, metrics: Mapping[str, Any]) -> None:
        begins = monotonic()
        if self._waited_s > WAITING * (begins - self._began):
            post(step, metrics)
            return
        report(step=step, **metrics)
        self._waited_s += monotonic() - begins

    def _chosen(self, metrics: Mapping[str, Any], by_default: Collection[str]) -> dict[str, Any]:
        if self._names is None:
            chosen = {
                name: metrics[name]
                for name in by_default
                if name not in NOT_NAMES and _is_number(name, metrics[name])
            }
            if not chosen:
                raise OptionError(
                    "metrics: the training has measured none that can be reported; "
                    + (f"name one of {_listed(metrics)}" if metrics else "give it data to validate on")
                )
            return chosen
        for theirs in self._names.values():
            if theirs not in metrics:
                raise OptionError(
                    f"metrics: the training has not measured {theirs!r}, but {_listed(metrics)}; "
                    + meant_or(theirs, metrics, "name one of these")
                )
        return {ours: metrics[theirs] for ours, theirs in self._names.items()}

    # the state

    def saves_at(self, step: int) -> bool:
        """Whether the state is saved after this epoch or round: in a study, where the trial can go on."""
        return self._every is not None and step % self._every == 0 and is_in_study()

    def save(self, ending: str, write: Callable[[str], object]) -> None:
        """Have `write` write the state to a path. The last state stays whole if the process is killed.

        Args: ending: of the file's name, which libraries choose a format by, as in ".json".
        """
        new = self.unfinished(ending)
        write(str(new))
        os.replace(new, self._state(ending))

    def unfinished(self, ending: str) -> Path:
        """Where `save` has the state written."""
        return trial.checkpoint_dir / f"{STATE}-new{ending}"

    def _state(self, ending: str) -> Path:
        return trial.checkpoint_dir / f"{STATE}{ending}"

    def saved(self, ending: str) -> str | None:
        """The path of the state that this or an earlier attempt of the trial has saved last; else None."""
        path = self._state(ending)
        return str(path) if is_in_study() and path.exists() else None

    def unfinished_folder(self) -> Path:
        """An empty folder for a state of several files."""
        folder = self.new_folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    @property
    def new_folder(self) -> Path:
        """Where `unfinished_folder` has made it."""
        return trial.checkpoint_dir / f"{STATE}-new"

    def finish_folder(self, step: int) -> None:
        """Keep what is in the unfinished folder as the state after `step`, in place of an earlier one."""
        before = self.saved_folder()
        self.new_folder.rename(trial.checkpoint_dir / f"{STATE}-{step}")
        if before is not None:
            shutil.rmtree(before[1], ignore_errors=True)

    def saved_folder(self) -> tuple[int, Path] | None:
        """Step and folder of the state that this or an earlier attempt of the trial has saved last."""
        if not is_in_study():
            return None
        numbers = [path.name.removeprefix(f"{STATE}-") for path in trial.checkpoint_dir.glob(f"{STATE}-*")]
        last = max((int(number) for number in numbers if number.isdecimal()), default=None)
        return None if last is None else (last, trial.checkpoint_dir / f"{STATE}-{last}")


class ProgressCallback:
    """What every callback offers that reports through a `Progress`."""

    _progress: Progress

    @property
    def stopped(self) -> bool:
        """Whether the trial was pruned or cancelled, so that what follows the training need not run."""
        return self._progress.stopped


def _names(metrics: Chosen) -> dict[str, str] | None:
    """The chosen metrics: name in the study -> name in the library. None if none was chosen."""
    if metrics is None:
        return None
    if isinstance(metrics, Mapping):
        names = dict(metrics)
    else:
        names = {name: name for name in ([metrics] if isinstance(metrics, str) else metrics)}
    if not names:
        raise OptionError("metrics: is empty; name one, or leave it out to report all")
    for ours, theirs in names.items():
        for name in (ours, theirs):
            if not isinstance(name, str) or not name:
                raise OptionError(f"metrics: must be names of metrics, got {name!r}")
        if ours in NOT_NAMES:
            raise OptionError(
                f"metrics: {ours!r} is an argument of report() and no name of a metric; "
                f"rename it: metrics={{'my_{ours}': {theirs!r}}}"
            )
    return names


def _is_number(name: str, value: object) -> bool:
    """Whether a metric is one number, and no confusion matrix or text."""
    try:
        as_metric(name, value)
    except ReportError:
        return False
    return True


def _listed(metrics: Collection[str]) -> str:
    return ", ".join(sorted(metrics)) or "none at all"
