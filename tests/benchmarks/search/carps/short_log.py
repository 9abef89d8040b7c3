"""CARP-S' log of trials, without its list of all installed packages: that took longer than most runs."""

from __future__ import annotations

from pathlib import Path

from carps.loggers.abstract_logger import AbstractLogger
from carps.loggers.file_logger import FileLogger


class ShortFileLogger(FileLogger):  # type: ignore[misc]  # of no known type here
    """Args: directory: of the log, which begins anew."""

    def __init__(self, directory: str) -> None:
        AbstractLogger.__init__(self)
        self.directory = Path(directory)
        (self.directory / self._filename).unlink(missing_ok=True)
