"""What trials and their users write on them: as Optuna's columns user_attrs_…, and as a page shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import Trial
from jupyter_tune.views.words import bounded, tag_in_words

MOST_ANNOTATED = 200
"""Trials with tags or notes that are shown of a large study, the newest."""

LONGEST_TAG = 200


def attrs_of(study: Study, trial: Trial) -> dict[str, Any]:
    """Its metrics but those that the study is after, and what it and the user have written on it.

    Where a metric and an attribute have one name, the metric has the column.
    """
    own = {objective.metric for objective in study.objectives}
    metrics = {name: value for name, value in trial.metrics.items() if name not in own}
    return {**study.user_attrs(trial), **metrics}


def tags_shown(tags: Mapping[str, Any]) -> list[str]:
    """Each tag in words, on one line and of a length that a page bears; up to its first = it is the name."""
    words = (bounded(tag_in_words(name, value), LONGEST_TAG) for name, value in tags.items())
    return ["".join(char if char.isprintable() else " " for char in text) for text in words]


def annotated(study: Study) -> set[int]:
    """The trials with tags or notes of the user; of many the newest."""
    written: Iterable[int | None] = [*(trial for trial, tags in study.tags.items() if tags), *study.notes]
    numbers = {trial for trial in written if trial is not None}
    return set(sorted(numbers)[-MOST_ANNOTATED:])
