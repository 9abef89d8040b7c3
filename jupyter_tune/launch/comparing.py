"""`jt.compare`, for studies given as studies, by name or by file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from jupyter_tune.client.comparison import By, Comparison, Given, compared
from jupyter_tune.launch.launcher import load_study


def compare(
    studies: Mapping[str, Any] | Iterable[Given] | Given,
    by: By = "trials",
    *,
    label: str | None = None,
    dir: str | Path | None = None,
    target: str | None = None,
) -> Comparison:
    """Compare studies: `compare([study, "name"]).plot()` is their best value so far in one chart.

    Args:
        studies: studies, or their names or files; or a dict of labels, {"gp": [first, second], "x": third}.
                 Those of one label count as repeats: their median and middle half are shown.
        by:      what they are compared over: "trials", "time" or "steps".
        label:   a tag by whose value studies in a list are labelled; default: each by its name.
        dir:     the folder of studies given by name.
        target:  of studies of several metrics, the one by which they are compared; default: the first.

    Raises: OptionError if they differ in metric or direction, or a study is not after `target`; JournalError
        if there is no such study.
    """
    return compared(studies, by, label, partial(load_study, dir=dir), target)
