"""What a study takes of the disk: part of the handle that users hold."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from jupyter_tune import journal
from jupyter_tune.core.study import Study
from jupyter_tune.trials.files import files_in, kind_of
from jupyter_tune.views.words import count_of, size_in_words


@dataclass(frozen=True, slots=True)
class Disk:
    """What a study takes of the disk, in bytes.

    journal: its file.
    other:   what is none of these: files that are being removed, those of a command.
    removed: what `--keep` has removed so far, of `trials_removed` trials.
    keep:    the N of `--keep`; None where all files are kept.
    """

    checkpoints: int
    artifacts: int
    logs: int
    journal: int
    other: int
    removed: int
    trials_removed: int
    keep: int | None

    @property
    def total(self) -> int:
        return self.checkpoints + self.artifacts + self.logs + self.journal + self.other

    def __repr__(self) -> str:
        names = ("checkpoints", "artifacts", "logs", "journal", "other")
        parts = [f"{name} {size_in_words(size)}" for name in names if (size := getattr(self, name))]
        return f"{size_in_words(self.total)} on the disk: {', '.join(parts)}{self._kept()}"

    def _kept(self) -> str:
        rule = "" if self.keep is None else f"; the best {self.keep} are kept (--keep)"
        if not self.trials_removed:
            return f"{rule}, and nothing was removed yet" if rule else ""
        gone = f"{size_in_words(self.removed)} of {count_of(self.trials_removed, 'trial')}"
        return f"{rule}, and {gone} removed so far" if rule else f"; {gone} were removed"


class StudyDisk(ABC):
    """Measures the files of the study in `path`."""

    path: Path

    @abstractmethod
    def snapshot(self) -> Study: ...

    def disk(self) -> Disk:
        """What the study takes of the disk by kind, and what `--keep` has removed of it so far."""
        study = self.snapshot()
        folder = journal.files_folder(self.path)
        sizes: Counter[str] = Counter()
        for path, size in files_in(folder):
            sizes[kind_of(path.relative_to(folder))] += size
        files = [self.path, *journal.beside(self.path)]
        return Disk(
            sizes["checkpoints"],
            sizes["artifacts"],
            sizes["logs"],
            sum(file.stat().st_size for file in files if file.exists()),
            sizes["other"],
            study.keeping.size,
            study.keeping.removed,
            study.settings.keep,
        )
