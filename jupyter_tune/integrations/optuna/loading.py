"""A study of Optuna as a study file here, which %tune show, load_study, warm starts and jt.compare take.

Optuna keeps no space: it is the smallest one that holds every trial. A parameter that some trials do not have
gets a condition where a parameter before it explains which: one of few values, that has others in the trials
without. Where none does, the parameter has no condition, and the trials without it stay as they are.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import BaseStorage, JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.study import Study as OptunaStudy
from optuna.trial import FrozenTrial, TrialState

from jupyter_tune import journal
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.core.conditions import Condition
from jupyter_tune.core.events import Event, Record, StudyEnded, StudyOpened, StudyTagged, TrialReported
from jupyter_tune.core.parameters import Categorical, Int, Parameter
from jupyter_tune.core.space import Space
from jupyter_tune.errors import JournalError, OptionError
from jupyter_tune.integrations.optuna.distributions import range_of, united
from jupyter_tune.integrations.optuna.records import KEPT, begun, measured, metric_names, settings_of

_MOST_VALUES = 1000


def load(
    storage: OptunaStudy | BaseStorage | str | Path,
    study_name: str | None = None,
    *,
    name: str | None = None,
    dir: str | Path | None = None,
) -> StudyHandle:
    """Write a study of Optuna to a study file here, and open it.

    Args:
        storage:    a study of Optuna, a storage, its URL, or the file of a journal or an SQLite storage.
        study_name: which one, where the storage has several.
        name:       of the new study; default: the study's own name.
        dir:        the folder of the studies, as of load_study.
    Raises: OptionError if there is no such study, JournalError if a study of that name is here already.
    """
    study = storage if isinstance(storage, OptunaStudy) else _study_in(storage, study_name)
    trials = study.get_trials(deepcopy=False)
    name = study.study_name if name is None else name
    path = journal.study_path(name, journal.study_folder(dir))
    kept: Mapping[str, Any] = study.user_attrs.get(KEPT, {})
    space = Space.from_json(kept["space"]) if kept else space_of_trials(trials)
    metrics = metric_names(len(study.directions), kept.get("metrics") or study.metric_names)
    settings = settings_of(study.directions, metrics, trials, "random")
    if "subject_to" in kept:
        settings = replace(settings, subject_to=tuple(kept["subject_to"]))
    origin = {"kind": "optuna", "text": study.study_name, "optuna": optuna.__version__}
    opened = StudyOpened(journal.stem(path), space.encoded, settings, origin=origin)
    tags = {key: value for key, value in study.user_attrs.items() if key != KEPT}
    facts = enumerate(_events(opened, trials, space, metrics, tags), Record.FIRST)
    journal.write_study(path, [Record(seq, at, event) for seq, (at, event) in facts])
    return StudyHandle.read(path).declared_as(space)


def storage_of(storage: BaseStorage | str | Path) -> BaseStorage | str:
    """A storage as Optuna takes it; a file is known by what it holds."""
    if isinstance(storage, BaseStorage) or (isinstance(storage, str) and "://" in storage):
        return storage
    path = Path(storage)
    try:
        with path.open("rb") as file:
            is_sqlite = file.read(16) == b"SQLite format 3\x00"
    except OSError as error:
        raise OptionError(f"{path}: {error.strerror}; give the URL or the file of a storage") from None
    return f"sqlite:///{path.resolve()}" if is_sqlite else JournalStorage(JournalFileBackend(str(path)))


def _study_in(storage: BaseStorage | str | Path, name: str | None) -> OptunaStudy:
    there = storage_of(storage)
    names = optuna.get_all_study_names(there)
    if name is None and len(names) == 1:
        name = names[0]
    if name not in names:
        said = "give study_name" if name is None else f"there is no study {name!r}"
        raise OptionError(f"{storage}: {said}; it has {', '.join(map(repr, names)) or 'none'}")
    return optuna.load_study(study_name=name, storage=there)


def space_of_trials(trials: Sequence[FrozenTrial]) -> Space:
    """The smallest space that holds these trials, with conditions as far as the trials show them."""
    ranges: dict[str, Parameter] = {}
    for trial in trials:
        for name, distribution in trial.distributions.items():
            here = range_of(distribution, name)
            ranges[name] = united(ranges[name], here, name) if name in ranges else here
    if not ranges:
        raise JournalError("no trial of this study has a parameter; there is nothing to load")
    whole = [trial for trial in trials if trial.state in (TrialState.COMPLETE, TrialState.PRUNED)]
    when = {name: found for name in ranges if (found := _conditions(name, ranges, whole))}
    return Space(ranges, when=when)


def _conditions(name: str, ranges: Mapping[str, Parameter], trials: Sequence[FrozenTrial]) -> list[Condition]:
    """Values of parameters before `name` beside which the trials have it, where these tell who does."""
    having = [trial.params for trial in trials if name in trial.params]
    lacking = [trial.params for trial in trials if name not in trial.params]
    found: list[Condition] = []
    for parent in itertools.takewhile(lambda each: each != name, ranges):
        parameter = ranges[parent]
        few = isinstance(parameter, Categorical) or (
            isinstance(parameter, Int) and parameter.cells <= _MOST_VALUES
        )
        if not lacking or not having or not few or not all(parent in params for params in having):
            continue
        values = tuple(dict.fromkeys(params[parent] for params in having))
        # beside a parent that is not there it is not there either
        left = [params for params in lacking if parent in params and params[parent] in values]
        if len(left) < len(lacking):
            found.append(Condition(parent, values))
            lacking = left
    return [] if lacking else found


def _events(
    opened: StudyOpened,
    trials: Sequence[FrozenTrial],
    space: Space,
    metrics: Sequence[str],
    tags: Mapping[str, Any],
) -> Iterator[tuple[float, Event]]:
    moments = (each for trial in trials for each in (trial.datetime_start, trial.datetime_complete))
    times = [each.timestamp() for each in moments if each is not None]
    first, last = min(times, default=0.0), max(times, default=0.0)
    facts: list[tuple[float, Event]] = []
    for trial in trials:
        params = space.encode(trial.params)
        start = first if trial.datetime_start is None else trial.datetime_start.timestamp()
        end = last if trial.datetime_complete is None else trial.datetime_complete.timestamp()
        facts += ((start, event) for event in begun(trial, trial.number, params, "optuna"))
        attrs = dict(trial.user_attrs)
        if attrs and trial.state == TrialState.WAITING:
            facts.append((start, StudyTagged(attrs, trial.number)))
        elif attrs:
            step = max(trial.intermediate_values, default=0)
            facts.append((end, TrialReported(trial.number, 1, step, {}, attrs)))
        facts += ((max(start, end), event) for event in measured(trial, trial.number, metrics))
    yield first, opened
    if tags:
        yield first, StudyTagged(dict(tags))
    # of one trial in their order, since the sort keeps it
    yield from sorted(facts, key=lambda fact: fact[0])
    yield last, StudyEnded("loaded from Optuna")
