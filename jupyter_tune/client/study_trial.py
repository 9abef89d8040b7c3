"""A trial as users hold it: what the study knows of it, and what its files hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_tune import journal
from jupyter_tune.client.loading import load_artifact
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.trial import Trial
from jupyter_tune.errors import ArtifactError
from jupyter_tune.trials.artifacts import artifacts_of
from jupyter_tune.trials.files import checkpoints_of, trial_folder
from jupyter_tune.views.tables.spread import spread_in_words
from jupyter_tune.views.words import number_in_words, results_in_words

if TYPE_CHECKING:
    from jupyter_tune.client.handle import StudyHandle


@dataclass(slots=True, repr=False)
class StudyTrial(Trial):
    """A trial of `study`, with the values that its params were declared with.

    `user_attrs`: what it has put on itself by `trial.set_user_attr`, and the user by `study.tag(trial=n)`;
    `note`: that of `study.note(text, trial=n)`. It is a copy: ask the study again for how the trial has gone
    on. Its files are looked up when asked for.
    """

    user_attrs: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    study: StudyHandle | None = field(default=None, repr=False, compare=False)
    settings: Settings | None = field(default=None, repr=False, compare=False)

    def __repr__(self) -> str:
        told = [f"{name} {number_in_words(value)}" for name, value in self.metrics.items()]
        if self.values is not None and self.settings is not None:
            told = results_in_words(self, self.settings.objectives)
            told[0] = f"{told[0]} {spread_in_words(self, self.settings)}".strip()
        params = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"<Trial {self.number}: {', '.join([self.state, *told])}; {params}>"

    @property
    def artifacts(self) -> dict[str, Path]:
        """What the trial has kept by `trial.save_artifact`: the path of each by its name."""
        return artifacts_of(self._folder, range(self.since, self.attempt + 1))

    @property
    def checkpoint_dir(self) -> Path:
        """Where the trial has its checkpoints; the folder exists if it ever asked for it."""
        return checkpoints_of(self._folder)

    @property
    def log(self) -> str:
        """What the trial printed in its last attempt, its last 200 kB."""
        return "" if self.study is None else self.study.log(self.number)

    def load(
        self, name: str | None = None, loader: Callable[[Path], Any] | None = None, **options: Any
    ) -> Any:
        """An artifact as an object: `load("scores.json")`, `load("model.pt", weights_only=True)`.

        Files are read by their suffix: .json .txt .csv .npy .npz .safetensors, and .pt of torch. What would
        run code that the file holds, as a pickle does, is read only by the `loader` that you give.

        Args:
            name:    default: the only artifact.
            loader:  called with the path; it may be of a folder, as `AutoModel.from_pretrained`.
            options: for what reads that kind of file: `torch.load`, `numpy.load`, `pandas.read_csv`.

        Raises: ArtifactError if there is no such artifact, or it is not known how to read it.
        """
        return load_artifact(self._named(name), loader, options)

    def _named(self, name: str | None) -> Path:
        found = self.artifacts
        names = ", ".join(found)
        if not found and self.files_removed:
            raise ArtifactError(
                f"trial {self.number} has no artifacts any more: the study keeps those of its best trials "
                f"alone, by --keep, and removed them; study.reproduce({self.number}) trains it again"
            )
        if not found:
            raise ArtifactError(
                f"trial {self.number} has no artifacts; trial.save_artifact(path) in its code keeps a file"
            )
        if name is None and len(found) > 1:
            raise ArtifactError(f"trial {self.number} has {len(found)} artifacts; name one of {names}")
        if name is None:
            return next(iter(found.values()))
        if name not in found:
            raise ArtifactError(f"trial {self.number} has no artifact {name!r}; it has {names}")
        return found[name]

    @property
    def _folder(self) -> Path:
        if self.study is None:
            raise ArtifactError(f"trial {self.number} was made without a study, and has no files")
        return trial_folder(str(journal.files_folder(self.study.path)), self.number)


def shown(
    trial: Trial,
    study: StudyHandle,
    *,
    params: dict[str, Any],
    user_attrs: dict[str, Any],
    note: str,
    settings: Settings,
) -> StudyTrial:
    """`trial` for users of `study`, with `params` as they were declared."""
    twin = StudyTrial(*_VALUES(trial))
    twin.study, twin.params, twin.user_attrs, twin.note = study, params, user_attrs, note
    twin.settings = settings
    return twin


_VALUES = attrgetter(*(each.name for each in fields(Trial)))
