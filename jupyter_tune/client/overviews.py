"""How a study stands, for a list: from the facts that its file keeps, else from all of its records."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jupyter_tune import journal
from jupyter_tune.core.study import INTERRUPTED, Study
from jupyter_tune.views.overview import Overview, overview, overview_from_json

BEHIND_S = 5.0
"""Seconds that the facts of a living driver may be older than its last record. One of an earlier version
writes none."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A study in a list. `state`: as `StudyHandle.state`; `lives`: whether a driver runs it."""

    overview: Overview
    state: str
    lives: bool


def glance(path: Path) -> Standing | None:
    """How the study in `path` stands, by the facts in its file: a few milliseconds, however long it is. None
    where they are missing or old, so that its records have to be read.

    Raises: JournalError as `read_records`.
    """
    lives = _lives(path)
    kept = journal.read_facts(path)
    found = kept and overview_from_json(kept.facts)
    if kept is None or found is None or found.seq != kept.seq:
        return None
    is_behind = kept.last != kept.seq
    if is_behind and not (lives and kept.last_at - found.changed_at <= BEHIND_S):
        return None
    return _standing(found, lives)


def look(path: Path) -> Standing:
    """How the study in `path` stands: `glance`, or read as a whole.

    Raises: TuneError if it cannot be read.
    """
    # before its records: a driver that ends meanwhile has written all of them
    lives = _lives(path)
    return glance(path) or _standing(overview(Study.fold(journal.each_record(path))), lives)


def _lives(path: Path) -> bool:
    holder = journal.holder(path)
    return holder is not None and not journal.is_stalled(holder)


def _standing(found: Overview, lives: bool) -> Standing:
    is_over = found.state == "ended"
    return Standing(found, found.state if is_over or lives else INTERRUPTED, lives)
