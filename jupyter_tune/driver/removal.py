"""Removes the files of trials that are not among those that the study keeps (core/keeping.py).

    excess -> measured -> FilesRemoved recorded -> moved to FILES/.removed/ -> deleted

Laws:
- Nothing is touched before the record of it is on the disk. A driver that dies after it leaves files that the
  next one removes: those in .removed, and those of trials that are recorded as removed.
- A trial that goes on before the record keeps its files: they are moved, in one step each, only while it
  stands as removed.
- Measuring and deleting take a thread of their own. The study's end waits for them.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from jupyter_tune.core.events import Event, FilesRemoved
from jupyter_tune.core.study import Study
from jupyter_tune.driver.tasks import Tasks
from jupyter_tune.trials.files import removable_places, removed_folder, size_of, trial_folder


class Removal:
    """Of `study`, whose files are in `files`. `is_busy`: something is being removed.

    Args:
        post:   has an event recorded.
        notice: tells users.
        wake:   has the loop look again at whether the study is over.
    """

    def __init__(
        self,
        study: Study,
        files: str,
        tasks: Tasks,
        post: Callable[[Event], None],
        notice: Callable[[str, str], None],
        wake: Callable[[], None],
    ):
        self._study = study
        self._files = files
        self._tasks = tasks
        self._post = post
        self._notice = notice
        self._wake = wake
        # number -> the attempt after which there was nothing to remove
        self._empty: dict[int, int] = {}
        self._posted: FilesRemoved | None = None
        self._has_failed = False
        self.is_busy = False

    def begin(self) -> None:
        """The driver has the study: finish what an earlier one left, and remove what there is already."""
        gone = [trial.number for trial in self._study.trials.values() if trial.files_removed]
        if gone or removed_folder(self._files).exists():
            self.is_busy = True
            self._tasks.spawn(self._finish_earlier(gone))
        else:
            self.look()

    def look(self) -> None:
        """Something was recorded."""
        if self._posted is not None and self._study.keeping.excess.keys().isdisjoint(self._posted.trials):
            gone, self._posted = self._posted.trials, None
            self._tasks.spawn(self._finish(gone))
        elif not self.is_busy and (excess := self._excess()):
            self.is_busy = True
            self._tasks.spawn(self._measure(excess))

    def _excess(self) -> dict[int, int]:
        """Number -> last attempt of the trials that may have something to remove."""
        trials = self._study.trials
        attempts = {number: trials[number].attempt for number in self._study.keeping.excess}
        return {number: last for number, last in attempts.items() if self._empty.get(number) != last}

    async def _measure(self, excess: Mapping[int, int]) -> None:
        sizes = await asyncio.to_thread(self._sizes, excess)
        self._empty |= {number: last for number, last in excess.items() if number not in sizes}
        # it may have gone on meanwhile
        gone = [number for number in sizes if number in self._study.keeping.excess]
        if gone:
            self._posted = FilesRemoved(gone, sum(sizes[number] for number in gone))
            self._post(self._posted)
        else:
            self._done()

    def _sizes(self, numbers: Iterable[int]) -> dict[int, int]:
        """The bytes of each trial that has something to remove."""
        found = {}
        for number in numbers:
            places = removable_places(trial_folder(self._files, number))
            if places:
                found[number] = sum(map(size_of, places))
        return found

    async def _finish_earlier(self, numbers: Iterable[int]) -> None:
        # of thousands of trials whose folders have to be walked, hardly any has something left
        await self._finish(await asyncio.to_thread(self._sizes, numbers))

    async def _finish(self, numbers: Iterable[int]) -> None:
        try:
            self._move(numbers)
            await asyncio.to_thread(_delete, removed_folder(self._files))
        except OSError as error:
            if not self._has_failed:
                self._has_failed = True
                self._notice(f"files of trials that are not kept could not be removed: {error}", "error")
        self._done()

    def _move(self, numbers: Iterable[int]) -> None:
        # on the loop's thread: what is recorded later finds them moved
        for number in numbers:
            if self._study.trials[number].files_removed:
                for place in removable_places(trial_folder(self._files, number)):
                    aside = removed_folder(self._files)
                    aside.mkdir(exist_ok=True)
                    place.rename(Path(tempfile.mkdtemp(dir=aside, prefix=f"{number}-")) / place.name)

    def _done(self) -> None:
        self.is_busy = False
        self.look()
        if not self.is_busy:
            self._wake()


def _delete(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
