"""From a request to open a study to its journal: begun, or gone on with."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jupyter_tune import journal as journals
from jupyter_tune.core.codes import change_in_words, change_of_code, ended_by
from jupyter_tune.core.events import DriverStarted, Event, StudyOpened, StudyTagged, TrialEnqueued
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.resuming import (
    failed_again,
    first_facts,
    from_earlier,
    kept_settings,
    other_search,
    retries_alone,
)
from jupyter_tune.core.settings import Settings, settings_from_json
from jupyter_tune.core.space import Space
from jupyter_tune.core.steering import RESUME, narrowed
from jupyter_tune.core.study import Study
from jupyter_tune.errors import OptionError
from jupyter_tune.registry import first_rung, within_bound
from jupyter_tune.samplers.feasible import require_feasible
from jupyter_tune.wire.requests import Open


@dataclass(frozen=True)
class Opened:
    """A study that its loop can take.

    `study`: the fold of `journal`; `first`: facts to begin with; `said`: what there is to say about it, a
    sentence each; `kept`: the file that an earlier study of the name has now; `remark`: what to say of a
    grid.
    """

    journal: journals.Journal
    study: Study
    first: list[Event]
    said: list[str]
    kept: Path | None
    remark: str


def opened(request: Open, socket: str, *, owner: str = "", clock: Callable[[], float] = time.time) -> Opened:
    """The study that `request` names.

    Args:
        socket: where its driver listens, written into the lease for other clients.
        owner:  what the journal calls the driver; this process by default.
        clock:  unix seconds.
    Raises: JournalError; OptionError where the file holds another search.
    """
    space = Space.from_json(request.space)
    settings, remark = within_bound(space, settings_from_json(request.settings))
    study = Study(StudyOpened(request.name, space, settings, origin=request.origin))
    require_feasible(study, space, {}, "subject to")
    kept: Path | None = None
    best: Params | None = None
    if request.resume:
        journal, study, said, best = _reopened(request, space, settings, socket, owner, clock)
    else:
        journal, kept = _begun(request, space, settings, socket, clock)
        study = Study.fold(journal.records(), first_rung)
        said = [f"The earlier study {request.name!r} is kept in {kept}."] if kept else []
        if broken := study.constraints.broken_by(space.defaults()):
            said.append(f"The defaults violate {broken}: the first trial has other values.")
    first: list[Event] = [] if request.enqueue is None else [TrialEnqueued(request.enqueue)]
    if request.tags:
        first.append(StudyTagged(request.tags))
    if best is not None:
        first.append(TrialEnqueued(best, RESUME))
    return Opened(journal, study, first, said, kept, remark)


def _begun(
    request: Open, space: Space, settings: Settings, socket: str, clock: Callable[[], float]
) -> tuple[journals.Journal, Path | None]:
    path = Path(request.path)
    event = StudyOpened(request.name, space, settings, origin=request.origin)
    kept = journals.set_aside(path, clock()) if request.overwrite else None
    # before the first suggestion, which learns from all of it
    facts = from_earlier(Study(event), request.priors, request.added)
    if request.narrowed:
        facts.append(narrowed(Study(event), request.narrowed))
    return journals.Journal.create(path, event, clock(), socket=socket, facts=facts), kept


def _reopened(
    request: Open, space: Space, settings: Settings, socket: str, owner: str, clock: Callable[[], float]
) -> tuple[journals.Journal, Study, list[str], Params | None]:
    journal = journals.Journal.open(Path(request.path), socket=socket)
    try:
        study, said, best = _gone_on(
            journal, request, space, settings, owner or f"process {os.getpid()}", clock()
        )
    except BaseException:
        # or it could not be opened again while this process lives
        journal.close()
        raise
    return journal, study, said, best


def _gone_on(
    journal: journals.Journal, request: Open, space: Space, settings: Settings, owner: str, at: float
) -> tuple[Study, list[str], Params | None]:
    """The study in `journal`, taken over by `owner`; what there is to say about it; and the best params that
    its code had before it was edited."""
    study = Study.fold(journal.records(), first_rung)
    differences = other_search(study, space, settings)
    if differences:
        raise OptionError(
            f"{journal.path.name} holds another search: {'; '.join(differences)}. Resume it with its own "
            "ranges and metric, give another --name, or --overwrite to replace it"
        )
    kept = kept_settings(study, settings)
    said = [f"The study keeps its own {', '.join(kept)}."] if kept else []
    # before any client follows: the one that resumes must not see the earlier end as this run's
    only = request.enqueue is not None or (request.retry and retries_alone(study))
    retried = [event for number in request.retry for event in failed_again(study, number)]
    earlier = from_earlier(study, request.priors, request.added)
    change = change_of_code(study, request.origin, edited=request.edited)
    said += [] if change is None else [change_in_words(study, change)]
    best = study.best_trial if request.edited else None
    begun = DriverStarted(owner, request.origin.get("libraries", {}))
    new_code: list[Event] = [] if change is None else [*ended_by(study, change), change]
    facts = first_facts(study, settings, begun, new_code, all_again=not (only or request.edited))
    for record in journal.append([*facts, *retried, *earlier], at):
        study.apply(record)
    return study, said, None if best is None else best.params
