"""Study files, written as a driver writes them."""

from __future__ import annotations

from pathlib import Path

from jupyter_tune.core.events import Event, StudyOpened
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.journal import Journal
from tests.views.studies import SPACE, story

BEGAN = 1000.0
SETTINGS = Settings("accuracy", trials=60, workers=4, max_steps=27)


def begun(path: Path, *events: Event, **origin: str) -> Journal:
    """A study in `path` of these events, which is still being written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    at = BEGAN
    journal = Journal.create(path, StudyOpened(path.name, SPACE, SETTINGS, origin=dict(origin)), at)
    for event in events:
        at += 1.0
        journal.append([event], at, durable=False)
    return journal


def written(path: Path, *events: Event, **origin: str) -> Path:
    """A study in `path` of these events, by default of 20 trials, which no driver runs."""
    begun(path, *(events or story(20)), **origin).close()
    return path


def study_of(journal: Journal) -> Study:
    """The study in an open journal."""
    return Study.fold(journal.records())
