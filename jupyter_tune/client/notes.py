"""What users write on a study: tags and notes, also after its end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_tune.core.notes import checked_name, checked_note, checked_tags
from jupyter_tune.core.study import Study
from jupyter_tune.wire.requests import Annotate, Request


class StudyNotes(ABC):
    """Tags are values by name, notes are text; both are in the study's file, and in every view of it."""

    path: Path

    @abstractmethod
    def ask(self, request: Request) -> Any: ...

    @abstractmethod
    def snapshot(self) -> Study: ...

    @property
    def tags(self) -> dict[str, Any]:
        """The tags of the study, as `--tag` and `tag` have set them."""
        return dict(self.snapshot().tags.get(None, {}))

    @property
    def notes(self) -> dict[int | None, str]:
        """The notes: that of the study under None, those of trials under their numbers."""
        return dict(self.snapshot().notes)

    def tag(self, tags: Mapping[str, Any] | None = None, *, trial: int | None = None, **named: Any) -> None:
        """Tag the study, or one of its trials: `study.tag(data="cifar10")`, `study.tag(good=True, trial=7)`.

        Args:
            tags, named: a text, number, truth value, or lists and dicts of them; None takes a tag away.
            trial:       the number of a trial.

        Raises: OptionError if a tag cannot be kept, DriverError if there is no such trial.
        """
        checked = checked_tags({**(tags or {}), **named})
        if checked:
            self.ask(self._annotation(trial=trial, tags=checked))

    def set_user_attr(self, key: str, value: Any) -> None:
        """`tag`, as Optuna has it."""
        self.tag({checked_name(key, "set_user_attr"): value})

    @property
    def user_attrs(self) -> dict[str, Any]:
        """`tags`, as Optuna has them."""
        return self.tags

    def note(self, text: str, trial: int | None = None) -> None:
        """Write a note on the study, or on one of its trials, in place of the one it has; "" removes it."""
        self.ask(self._annotation(trial=trial, note=checked_note(text)))

    def _annotation(self, **what: Any) -> Annotate:
        return Annotate(str(self.path), self.snapshot().seq, **what)
