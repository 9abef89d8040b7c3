"""Warm start: what earlier studies give a new one.

    --warm-start   the same search again: their trials count as trials of this study, also as its best
    --transfer     another data set, metric or space: their trials are priors (core/priors.py), never best

A trial is known by the study that ran it and its number there. A study that was itself warm-started gives
what it was given too, with its origin, so nothing is counted twice, whichever of a family is named.

There is no limit on how many studies are named. SageMaker takes five; here the cost is bounded otherwise: the
model fits to 400 trials at most, and of each task to 100.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from jupyter_tune import journal
from jupyter_tune.core.codes import changes
from jupyter_tune.core.events import Metrics
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.priors import FEWEST, has_place, most_telling
from jupyter_tune.core.settings import Settings, needed_metrics
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, PRUNED, Trial
from jupyter_tune.errors import JournalError, OptionError

WARM_START, TRANSFER = "--warm-start", "--transfer"


class Added(NamedTuple):
    """A trial of an earlier study, which ran as number `number` of the study `parent` ("": it is unknown).

    `metrics`: all finite ones that it measured.
    """

    params: Params
    value: float
    parent: str
    number: int | None
    metrics: Metrics

    def has(self, needed: Sequence[str]) -> bool:
        """Whether it has measured these; `value` is the first of them."""
        return all(name in self.metrics for name in needed[1:])


class Prior(NamedTuple):
    """A result of another task. See PriorAdded."""

    params: Params
    value: float
    parent: str


@dataclass(frozen=True)
class WarmStart:
    """`results`: trials of earlier studies. `notices`: which trials were left out, and why. `origins`: by
    study, those of the code that ran these trials."""

    results: list[Added] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    origins: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)

    def add(self, name: str, path: Path, space: Space, settings: Settings) -> None:
        """Add the complete trials of the study in `path` that lie in `space` and have a finite value.

        Of a damaged file, the trials before the damage are used.

        Raises: JournalError if the file is missing or cannot be read; OptionError if the study has another
            metric or direction or no usable trial.
        """
        study, damage = _read(path, WARM_START)
        for what in ("metric", "direction"):
            there, here = getattr(study.settings, what), getattr(settings, what)
            if there != here:
                # "loss" and "accuracy" are names, to "maximize" and to "minimize" are not
                said = f"measured {there!r}, not {here!r}" if what == "metric" else f"{there}s, not {here}s"
                raise OptionError(
                    f"{WARM_START}: {name} {said}; give it to {TRANSFER}, which takes another task's trials"
                )
        complete = study.in_state(COMPLETE)
        present = [trial for trial in complete if not study.is_earlier(trial)]
        finite = [_added(study, trial) for trial in present if _is_finite(trial)]
        needed = needed_metrics(settings, space)
        whole = [one for one in finite if one.has(needed)]
        fitting = [one for one in whole if space.encoded.contains(one.params)]
        broken = "".join(f"; {text}" for text in damage)
        if not finite:
            edited = (
                f" since its code was edited; give it to {TRANSFER}" if len(present) < len(complete) else ""
            )
            raise OptionError(
                f"{WARM_START}: {name} has no complete trial with a finite value{edited}{broken}"
            )
        if not whole:
            raise OptionError(
                f"{WARM_START}: no complete trial of {name} has measured all of {', '.join(needed)}{broken}; "
                f"leave {name} out"
            )
        if not fitting:
            raise OptionError(
                f"{WARM_START}: no complete trial of {name} lies in these ranges; widen them, or give it to "
                f"{TRANSFER}{broken}"
            )
        new = list(_new(fitting, self.results))
        self.results.extend(new)
        ran = {(one.parent, one.number) for one in new}
        versions = {trial.code for trial in complete if (study.name, trial.number) in ran}
        self.origins[name] = [study.codes[version].origin for version in sorted(versions)]
        self.notices.extend(f"{WARM_START}: {text}" for text in damage)
        reasons = {
            "without one of the metrics": len(finite) - len(whole),
            "outside these ranges": len(whole) - len(fitting),
            "without a finite value": len(present) - len(finite),
            "of code that was edited since": len(complete) - len(present),
            "counted already": len(fitting) - len(new),
        }
        left_out = ", ".join(f"{count} {reason}" for reason, count in reasons.items() if count)
        if damage or left_out:
            said = f"{WARM_START}: {len(new)} of {len(complete)} complete trials of {name} are used"
            self.notices.append(f"{said} (not {left_out})." if left_out else f"{said}.")


def results_of(names: Sequence[str], folder: Path, space: Space, settings: Settings) -> WarmStart:
    """The results of the studies with these names or files. Raises as `WarmStart.add`."""
    found = WarmStart()
    for name in names:
        found.add(str(name), journal.study_path(name, folder), space, settings)
    return found


def of_other_code(origins: Mapping[str, Sequence[Mapping[str, Any]]], origin: Mapping[str, Any]) -> list[str]:
    """What to tell the user of earlier studies that ran other code or data than the new one: a sentence for
    each.

    Args:
        origins: by study, those of the code that ran its trials, as of WarmStart.
        origin:  the new study's, with its hashes.
    """
    said = []
    for name, then in origins.items():
        what = dict.fromkeys(phrase for each in then for phrase in changes(each, origin))
        if what:
            said.append(
                f"{WARM_START}: {name} ran other code or data (changed: {', '.join(what)}). Its trials count "
                "as if this code had run them. If the same params would give other results now, start again "
                f"with {TRANSFER} {name}: then they guide the search, and none of them is ever the best."
            )
    return said


@dataclass(frozen=True)
class Transfer:
    """`results`: of other tasks. `notices`: what is used of each."""

    results: list[Prior] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    _known: list[Added] = field(default_factory=list)

    def add(self, name: str, path: Path, space: Space, settings: Settings) -> None:
        """Add what the study in `path` says about `space`: its trials that have a value, complete or pruned.

        Its metric may be another one, in another direction too: its better results are better here.

        Raises: JournalError if the file is missing or cannot be read; OptionError if it shares no parameter
            or has too few usable trials.
        """
        study, damage = _read(path, TRANSFER)
        encoded = space.encoded
        shared = [each for each in encoded if each in study.space and not encoded[each].is_constant]
        broken = "".join(f"; {text}" for text in damage)
        if not shared:
            raise OptionError(
                f"{TRANSFER}: {name} has none of the parameters {', '.join(space)}; it has "
                f"{', '.join(study.space)}{broken}"
            )
        ended = study.in_state(COMPLETE, PRUNED)
        finite = [_added(study, trial) for trial in ended if _is_finite(trial)]
        placed = [one for one in finite if has_place(encoded, one.params)]
        new = list(_new(placed, self._known))
        if len(new) < FEWEST:
            raise OptionError(
                f"{TRANSFER}: of the trials of {name} {len(new)} can be placed in these ranges, and {FEWEST} "
                f"are needed; leave it out, or widen the ranges{broken}"
            )
        self._known.extend(new)
        told, here = study.objective, settings.objective
        before = len(self.results)
        for task, ones in _by_task(study, new).items():
            for loss, one in most_telling([(told.loss(one.value), one) for one in ones]):
                params = {each: one.params[each] for each in shared if each in one.params}
                self.results.append(Prior(params, here.value(loss), task))
        self.notices.extend(f"{TRANSFER}: {text}" for text in damage)
        self.notices.append(
            f"{TRANSFER}: {len(self.results) - before} of {len(ended)} trials of {name} guide the search"
            f"{_as_far_as(shared, encoded, study.space, _stands_for(study.settings, settings))}."
        )


def priors_of(names: Sequence[str], folder: Path, space: Space, settings: Settings) -> Transfer:
    """The priors from the studies with these names or files. Raises as `Transfer.add`."""
    found = Transfer()
    for name in names:
        found.add(str(name), journal.study_path(name, folder), space, settings)
    return found


def _read(path: Path, option: str) -> tuple[Study, list[str]]:
    """The study in `path`, and what is damaged of its file."""
    damage: list[str] = []
    try:
        return Study.fold(journal.read_records(path, notices=damage)), damage
    except JournalError as error:
        raise JournalError(f"{option}: {error}") from None


def _by_task(study: Study, some: Sequence[Added]) -> dict[str, list[Added]]:
    """Task -> those of `some` that tell of it: what code did that was edited since is a task of its own."""
    earlier = {trial.number: trial.code for trial in study.trials.values() if study.is_earlier(trial)}
    tasks: dict[str, list[Added]] = {}
    for one in some:
        is_earlier = one.parent == study.name and one.number in earlier
        of = f", version {earlier[one.number or 0]} of its code" if is_earlier else ""
        tasks.setdefault(study.name + of, []).append(one)
    return tasks


def _is_finite(trial: Trial) -> bool:
    return trial.value is not None and math.isfinite(trial.value)


def _added(study: Study, trial: Trial) -> Added:
    value = trial.value if trial.value is not None else math.nan
    metrics = {name: measured for name, measured in trial.metrics.items() if math.isfinite(measured)}
    if trial.source == "added":
        return Added(trial.params, value, trial.parent, trial.parent_number, metrics)
    return Added(trial.params, value, study.name, trial.number, metrics)


def _new(some: Sequence[Added], known: Sequence[Added]) -> Iterator[Added]:
    """Those of `some` that are not among `known`. One of unknown origin is known by params and value."""
    whole = {_identity(one) for one in known}
    bare = {_outcome(one) for one in known}
    for one in some:
        is_known = _identity(one) in whole if one.number is not None else _outcome(one) in bare
        if not is_known:
            yield one


def _identity(one: Added) -> tuple[object, ...]:
    return one.parent, one.number, *_outcome(one)


def _outcome(one: Added) -> tuple[object, ...]:
    return repr(sorted(one.params.items())), one.value


def _stands_for(there: Settings, here: Settings) -> str:
    if (there.metric, there.direction) == (here.metric, here.direction):
        return ""
    return f" ({there.direction} {there.metric} there stands for {here.direction} {here.metric} here)"


def _as_far_as(shared: Sequence[str], here: Space, there: Space, stands_for: str) -> str:
    """By which parameters, where the two do not have the same."""
    unknown = [name for name in here if name not in shared and not here[name].is_constant]
    more = [name for name in there if name not in here]
    said = f" by {', '.join(shared)}" if unknown or more else ""
    said += stands_for
    said += f"; it knows nothing of {', '.join(unknown)}" if unknown else ""
    return said + (f"; {', '.join(more)} {'is' if len(more) == 1 else 'are'} not here" if more else "")
