"""A parameter explains nothing: what it costs the search is better spent on the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jupyter_tune.core.advice.finding import Finding, results
from jupyter_tune.core.parameters import Categorical
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, PRUNED

NOTHING = 0.02
"""The model is sure, by 90 %, that the parameter explains less than this share of the variance."""
PER_PARAMETER = 8
"""Trials for each parameter that varies, before anything is said."""


def without_effect(study: Study, landscape: Mapping[str, Any]) -> Iterator[Finding]:
    shares, best = landscape.get("importances"), study.best_trial
    varying = [name for name, parameter in study.ranges.items() if not parameter.is_constant]
    ended = len(results(study, COMPLETE, PRUNED))
    if not shares or best is None or len(varying) < 2 or ended < PER_PARAMETER * len(varying):
        return
    for name, high in zip(shares["names"], shares["high"], strict=True):
        if name not in varying or high >= NOTHING or name not in best.params:
            continue
        value = best.params[name]
        fixed = [value] if isinstance(study.space[name], Categorical) else [value, value]
        text = f"{name}: explains less than {NOTHING:.0%} of the differences between {ended} trials"
        yield Finding.about_ranges("effect", text, f"Fix {name}", {name: fixed})
