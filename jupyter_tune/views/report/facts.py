"""What a report says, in words, whatever it is laid out as."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jupyter_tune.core.parameters import Categorical, Parameter
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import PRUNED, Trial
from jupyter_tune.views.saved.text import NO_BEST, aim, how_it_stands
from jupyter_tune.views.tables.columns import unpacked
from jupyter_tune.views.tables.found import sought
from jupyter_tune.views.tables.messages import Status
from jupyter_tune.views.tables.progress import best_so_far
from jupyter_tune.views.tables.tables import Tables, last_heard
from jupyter_tune.views.words import (
    NOTHING,
    count_of,
    duration_in_words,
    last_line,
    number_in_words,
    tags_in_words,
    value_on_range,
)

BEST_TRIALS = 10
BARS = 48
"""Columns of the line of the best value so far."""


@dataclass(frozen=True, slots=True)
class Table:
    """Texts in rows. Without a `head` they are pairs of a name and what it is; of a ranking the first
    `leading` rows are the best."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    leading: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """A report's words; `found`: in place of a `best`, `tables` in their order, `code` as the study was
    started with."""

    name: str
    aim: str
    state: str
    counts: str
    best: tuple[str, str] | None
    found: str
    params: tuple[tuple[str, str], ...]
    saved: str
    note: str
    tags: str
    progress: tuple[float, ...]
    tables: tuple[Table, ...]
    code: str
    made: str


def facts_of(study: Study, status: Status) -> Facts:
    """The words of a report on `study`; `status`: of its tables."""
    best = status["best"]
    return Facts(
        name=study.name,
        aim=aim(status),
        state=f"{how_it_stands(status)}, after {duration_in_words(status['elapsed_s'])}",
        counts=_counts(status),
        best=best
        and (
            number_in_words(best["value"]),
            f"{study.settings.metric}, trial {best['number']}, {best['spread']}",
        ),
        found=_sentence(status["found"] or NO_BEST),
        params=tuple((name, _shown(study, name, value)) for name, value in best["params"].items())
        if best
        else (),
        saved=_saved(status),
        note=study.notes.get(None, ""),
        tags=tags_in_words(study.tags.get(None, {})),
        progress=tuple(_progress(study)),
        tables=tuple(table for table in _tables(study, status) if table.rows),
        code=_code(study),
        made=_moment(last_heard(study)),
    )


def _tables(study: Study, status: Status) -> Iterator[Table]:
    yield _best_trials(study)
    yield Table("Ranges", ("parameter", "range", "best"), tuple(_ranges(study)))
    yield Table("What was asked", (), tuple(_asked(study)))
    yield Table("What was changed meanwhile", ("when", "change"), tuple(_changes(study)))
    noted = sorted((number, note) for number, note in study.notes.items() if number is not None)
    yield Table("Notes on trials", ("trial", "note"), tuple((str(number), note) for number, note in noted))
    errors = (
        (f"{error['count']:,}", " ".join(filter(None, [last_line(error["text"]), error["where"]])))
        for error in status["errors"]
    )
    yield Table("Failures", ("trials", "error"), tuple(errors))
    yield Table("How to do it again", (), tuple(_again(study)))


def _best_trials(study: Study) -> Table:
    ranked, names = study.ranked, list(study.space)
    rows = tuple(_row(study, trial, names) for trial in ranked[:BEST_TRIALS])
    left = len(ranked) - len(rows)
    notes = [f"and {left:,} more"] if left > 0 else []
    if len(study.objectives) > 1 and rows:
        notes.append(f"the front first, then the others; each by {study.objective.metric}")
    sure, reading = study.confirmed, study.best_reading
    if sure is not None and reading is not None and (sure.count > 1 or sure.number != reading.number):
        notes.append(f"trial {sure.number} is the best by all measurements of its parameters")
    head = ("trial", *_metrics(study), *names, "steps", "time")
    return Table("The best trials", head, rows, "; ".join(notes), len(study.best_trials))


def _metrics(study: Study) -> list[str]:
    return [objective.metric for objective in study.objectives]


def _row(study: Study, trial: Trial, names: list[str]) -> tuple[str, ...]:
    cells = (_shown(study, name, trial.params[name]) if name in trial.params else NOTHING for name in names)
    steps = f"{trial.last_step:,}" if trial.curve else NOTHING
    values = map(number_in_words, trial.values or ())
    return (str(trial.number), *values, *cells, steps, duration_in_words(trial.duration_s))


def _ranges(study: Study) -> Iterator[tuple[str, ...]]:
    best = study.best_trial
    for name, parameter in study.space.items():
        now = study.ranges[name]
        text = range_in_words(parameter)
        if now.range != parameter.range:
            text += f"; narrowed to {range_in_words(now)}"
        value = best.params.get(name) if best else None
        yield name, text, NOTHING if best is None or name not in best.params else _shown(study, name, value)


def range_in_words(parameter: Parameter) -> str:
    """0.0001 – 0.1, logarithmic; or the choices."""
    if isinstance(parameter, Categorical):
        return ", ".join(value_on_range(choice, parameter) for choice in parameter.range)
    low, high = (value_on_range(end, parameter) for end in parameter.range)
    data = parameter.to_json()
    kinds = [
        word
        for key, word in (("log", "logarithmic"), ("reverse_log", "logarithmic towards 1"))
        if data.get(key)
    ]
    # whole numbers have the step 1 anyway
    kinds += [f"step {data['step']:g}"] if data.get("step") not in (None, 1) else []
    return ", ".join([f"{low} \N{EN DASH} {high}", *kinds])


def _asked(study: Study) -> Iterator[tuple[str, str]]:
    settings = study.settings
    for each in sought(study):
        yield "objective", f"{each['direction']} {each['metric']}"
    for constraint in study.constraints.all:
        yield "subject to", constraint.text
    yield "trials", "any number" if settings.trials is None else f"{settings.trials:,}"
    yield "at once", count_of(settings.workers, "trial")
    yield "sampler", settings.sampler or "by default"
    pruner = settings.pruner or "by default"
    yield "pruner", f"{pruner}, up to step {settings.max_steps:,}" if settings.max_steps else pruner
    if settings.timeout_s is not None:
        yield "timeout", duration_in_words(settings.timeout_s)
    if settings.trial_timeout_s is not None:
        yield "timeout of a trial", duration_in_words(settings.trial_timeout_s)
    if settings.target is not None:
        yield "target", number_in_words(settings.target)
    if settings.patience is not None:
        yield "patience", count_of(settings.patience, "trial")
    if study.added:
        yield (
            "known before",
            count_of(study.added, "result from an earlier study").replace("studys", "studies"),
        )


def _changes(study: Study) -> Iterator[tuple[str, str]]:
    table = unpacked(Tables(study).snapshot(last_heard(study)))["events"]
    for at_s, kind, text in zip(table["at_s"], table["kind"], table["text"], strict=True):
        if kind not in ("tag", "note"):
            yield duration_in_words(at_s), text


def _again(study: Study) -> Iterator[tuple[str, str]]:
    yield "seed", str(study.settings.seed)
    yield "begun", _moment(study.opened_at)
    origin = study.origin
    for key, name in (("jupyter_tune", "jupyter_tune"), ("python", "Python")):
        if key in origin:
            yield name, str(origin[key])
    yield from ((str(name), str(version)) for name, version in origin.get("libraries", {}).items())
    best = study.best_trial
    if best is not None:
        yield "best_params", repr(dict(best.params))


def _counts(status: Status) -> str:
    counts = {state: count for state, count in status["counts"].items() if count}
    return f"{count_of(sum(counts.values()), 'trial')}: " + ", ".join(
        f"{count:,} {state}" for state, count in counts.items()
    )


def _saved(status: Status) -> str:
    done, full = status["steps_done"], status["steps_full"]
    if not (full and 0 < done < full and status["counts"].get(PRUNED)):
        return ""
    return f"{100 * (1 - done / full):.0f} % of the steps saved by early stopping ({done:,} of {full:,} run)"


def _progress(study: Study) -> Iterator[float]:
    """The best value so far, in at most BARS places along the trials in the order of their ends; nothing with
    several metrics."""
    if len(study.objectives) > 1:
        return
    lead = [best for _, best in best_so_far(study) if best is not None]
    wide = min(BARS, len(lead))
    for place in range(wide):
        yield lead[math.ceil((place + 1) * len(lead) / wide) - 1]


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _code(study: Study) -> str:
    origin = study.origin
    return str(origin.get("source") or origin.get("text") or "")


def _shown(study: Study, name: str, value: Any) -> str:
    return value_on_range(value, study.space[name])


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at).strftime("%Y-%m-%d %H:%M")
