"""What happens to a study as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from jupyter_tune.core.parameters import Params
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space

SCHEMA = 7
"""4: RulesChanged and TrialReopened, which a study that goes on after its end may hold.
5: failed attempts that are followed by others, by themselves or by TrialReopened.
6: AttemptsFound.
7: GainEstimated, RulesChanged.others, settings `also` and `subject_to`, TrialAdded.metrics, CodeChanged,
PriorAdded; what earlier studies give is recorded before there is an engine; StudyTagged, NoteWritten,
TrialReported.attrs and .fold, FilesRemoved, SearchEnded, settings `keep` and `confirm`."""


@dataclass(frozen=True, slots=True)
class StudyOpened:
    """The first record of every journal."""

    name: str
    space: Space
    settings: Settings
    schema: int = SCHEMA
    origin: dict[str, Any] = field(default_factory=dict)
    """Where it came from, for users: cell text, versions, hashes of code and data. No decision reads it."""


@dataclass(frozen=True, slots=True)
class DriverStarted:
    """A driver took the study over; attempts that an earlier driver left running are lost, unless
    AttemptsFound follows. `libraries`: their versions there, see StudyOpened.origin; {} before schema 7."""

    owner: str
    libraries: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CodeChanged:
    """Attempts run this code from now on.

    version: 0 is the code that the study began with; a version that was there before comes back.
    origin:  as of StudyOpened, of this version.
    changed: what is another one than before, a phrase for each.
    edited:  the user has the study go on for the new code: trials of earlier versions are no results of it.
    """

    version: int
    origin: dict[str, Any]
    changed: list[str]
    edited: bool = False


@dataclass(frozen=True, slots=True)
class AttemptsFound:
    """The executor still runs these attempts for an earlier driver, and the new one goes on with them.

    `attempts`: [trial, attempt] of each. One that has not started here is as good as launched.
    """

    attempts: list[list[int]]


@dataclass(frozen=True, slots=True)
class PriorAdded:
    """A result of another task, such as another data set: it may guide the search and is no trial.

    `params`: those of the result that this study has too, as they were there: outside its ranges, or not all
    of them. `value`: in the units of that task, better in this study's direction. `parent`: names the task.
    """

    params: Params
    value: float
    parent: str


@dataclass(frozen=True, slots=True)
class GainEstimated:
    """What the coming trials are expected to gain, by the model: a fact, on which stop rules decide.

    Recorded where a rule needs it alone. Everything is in the metric's units.
    `known`: how many trials had ended; `noise`: deviation of the metric between two trainings with the same
    params; `spread`: between the best value and the median trial; `gains`: [trials, mean, low, high] for some
    numbers of coming trials, ascending: how much better than the best value they would be, with the ends of
    an 80 % band.
    """

    known: int
    noise: float
    spread: float
    gains: list[list[float]]


@dataclass(frozen=True, slots=True)
class FilesRemoved:
    """Checkpoints and artifacts of these ended trials are removed, `size` bytes in all: the study keeps the
    best alone (keeping.py). Recorded before they are; a trial that has gone on meanwhile keeps its files."""

    trials: list[int]
    size: int


@dataclass(frozen=True, slots=True)
class SearchEnded:
    """The search has found enough, for this reason: what still runs of it is cancelled, and the study ends
    once the best trials are measured again (confirming.py). Not where a limit ends the study."""

    reason: str


@dataclass(frozen=True, slots=True)
class StudyEnded:
    reason: str
