"""The folder that a server serves, and the studies that lie anywhere under it."""

from __future__ import annotations

import os
import time
from collections import deque
from pathlib import Path

from jupyter_tune.journal import SUFFIX

MOST_FOLDERS = 50_000
"""Folders that a walk looks into: a root may be a whole disk."""

_PASSED_OVER = {"node_modules", "site-packages", "__pycache__", "lost+found"}
_OF_ENVIRONMENTS = {"bin", "include", "lib", "lib64", "share"}
_FILES = ".tune.files"
_NO_DISK = {"/proc", "/sys", "/dev", "/run"}


class Root:
    """`folder`, without links. Args: hidden: whether files whose names begin with a dot are served."""

    def __init__(self, folder: Path, *, hidden: bool):
        self.folder = folder.resolve()
        self._hidden = hidden

    def file(self, name: str) -> Path | None:
        """The study that a page calls `name`, without links; None where that leads out of the root, to
        something hidden, or to no file."""
        if "\0" in name:
            return None
        try:
            path = (self.folder / name.lstrip("/")).resolve()
            is_file = path.is_file()
        except (OSError, RuntimeError):
            return None  # a name that is too long, or links in a circle
        return path if is_file and self.holds(path) else None

    def holds(self, path: Path) -> bool:
        """Whether `path`, without links, is that of a study which is served."""
        if not (path.name.endswith(SUFFIX) and path.is_relative_to(self.folder)):
            return False
        return self._hidden or not any(part.startswith(".") for part in path.relative_to(self.folder).parts)

    def name(self, path: Path) -> str:
        """What pages call a path under the root."""
        return path.relative_to(self.folder).as_posix()

    def name_of(self, file: str) -> str | None:
        """What pages call a file, by its full path; None for one that is not there, or not under the root."""
        try:
            path = Path(file).resolve()
            is_ours = bool(file) and path.is_relative_to(self.folder) and path.is_file()
        except (OSError, RuntimeError, ValueError):
            return None
        return self.name(path) if is_ours else None


def studies_in(folder: Path) -> list[Path]:
    """The study files in a folder, without links; none where it cannot be read."""
    return _scan(folder)[0]


class Walk:
    """All studies below a folder, those near to it first, in as many turns as it takes.

    It passes over what is hidden, packages of Node and Python, environments, the files of studies, and links
    to other folders. `left`: folders that it has still to look into.
    """

    def __init__(self, root: Path):
        self._queue = deque([root])
        self._rest = MOST_FOLDERS

    @property
    def is_over(self) -> bool:
        return not (self._queue and self._rest)

    @property
    def left(self) -> int:
        return len(self._queue)

    def go_on(self, most_s: float) -> list[Path]:
        """The studies found in the next `most_s` seconds, in one folder at least."""
        until = time.monotonic() + most_s
        found: list[Path] = []
        while not self.is_over:
            studies, folders = _scan(self._queue.popleft())
            self._rest -= 1
            found += studies
            self._queue.extend(folders)
            if time.monotonic() >= until:
                break
        return found


def _scan(folder: Path) -> tuple[list[Path], list[Path]]:
    """The studies in a folder, and the folders in it to look into."""
    studies: list[Path] = []
    folders: list[Path] = []
    is_environment = False
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name
                is_environment |= name == "pyvenv.cfg"
                if name.startswith("."):
                    continue
                if name.endswith(SUFFIX):
                    if entry.is_file():
                        studies.append(Path(entry.path).resolve())
                elif entry.is_dir(follow_symlinks=False) and _is_to_walk(name, entry.path):
                    folders.append(Path(entry.path))
    except (OSError, RuntimeError):
        return studies, []  # it is gone meanwhile, or another user's
    if is_environment:
        # a project may be made one, with studies beside its libraries
        folders = [each for each in folders if each.name not in _OF_ENVIRONMENTS]
    return studies, folders


def _is_to_walk(name: str, path: str) -> bool:
    return name not in _PASSED_OVER and not name.endswith(_FILES) and path not in _NO_DISK
