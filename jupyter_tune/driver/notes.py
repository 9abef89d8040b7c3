"""Tags and notes, which people also write on studies that have ended.

While a study runs, its loop records them. Of one that no driver runs, any driver takes the lease, appends
them and closes the file again; the study stays ended, or interrupted.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_tune import journal as journals
from jupyter_tune.core.events import Event, NoteWritten, StudyTagged
from jupyter_tune.core.notes import checked_note, checked_tags
from jupyter_tune.core.study import Study
from jupyter_tune.driver.loop import StudyLoop
from jupyter_tune.errors import DriverError, JournalError
from jupyter_tune.views.overview import overview
from jupyter_tune.wire.requests import Annotate


def annotated(loop: StudyLoop | None, request: Annotate, publish: Callable[[str], None]) -> list[Any]:
    """Record what `request` asks. Returns the records that its sender may lack.

    Args: publish: sends the text of a record to those that follow this driver's study.
    Raises: OptionError, DriverError if there is no such trial, JournalError if the file cannot be written.
    """
    path = Path(request.path)
    is_ours = loop is not None and loop.journal.path == path
    if loop is not None and is_ours and not loop.study.is_ended:
        loop.settle()
        loop.record(*_events(request, loop.study))
        return []
    journal = journals.Journal.open(path)
    try:
        known = journal.records()
        before = known[-1].seq
        study = Study.fold(known)
        for record in journal.append(_events(request, study), time.time()):
            study.apply(record)
        with suppress(JournalError):  # lists read the records then
            journal.keep(overview(study).to_json())
        if is_ours:
            for text in journal.texts:
                publish(text)
    finally:
        journal.close()
    return [json.loads(text) for text in journals.read_texts(path, min(request.since, before))]


def _events(request: Annotate, study: Study) -> list[Event]:
    trial = request.trial
    if trial is not None and trial not in study.trials:
        raise DriverError(f"there is no trial {trial}; the last is {study.highest}")
    events: list[Event] = []
    if request.tags:
        events.append(StudyTagged(checked_tags(request.tags), trial))
    if request.note is not None and (note := checked_note(request.note)) != study.notes.get(trial, ""):
        events.append(NoteWritten(note, trial))
    return events
