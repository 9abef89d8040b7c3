"""Reads whole journals, as a program beside the server: a long one takes seconds of Python, in which the
server would answer no page.

    python -m jupyter_tune.server.reading standings     paths on stdin, each a line of JSON; for each comes
                                                        {"overview", "state", "lives"} or {"error"}
    python -m jupyter_tune.server.reading dashboard     {"path"}; what a notebook keeps of it
    python -m jupyter_tune.server.reading model         {"path"}; the landscape of that dashboard
    python -m jupyter_tune.server.reading comparison    {"studies": {label: path}, "by"}; {"chart", "table"}

The latter three print {"error"} where that cannot be read.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_tune.client.comparison import compared
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.client.overviews import look
from jupyter_tune.core.study import INTERRUPTED
from jupyter_tune.errors import TuneError
from jupyter_tune.views.saved.dashboard import dashboard
from jupyter_tune.views.tables.columns import encodable, json_ready, unpacked
from jupyter_tune.views.tables.curves import CurveBounds
from jupyter_tune.views.tables.tables import Tables, with_axes

DRIVER_GONE = "the process that ran it has ended"

_CURVES = CurveBounds(all=200, best=60, newest=60, sample=60, points=100)


def standing_of(path: Path) -> dict[str, Any]:
    """How the study in `path` stands."""
    try:
        found = look(path)
    except TuneError as error:
        return {"error": str(error)}
    return {"overview": found.overview.to_json(), "state": found.state, "lives": found.lives}


def dashboard_of(path: Path) -> dict[str, Any]:
    """The dashboard of the study in `path`, as its file is now. Raises: TuneError."""
    handle = StudyHandle.glance(path)
    study = handle.snapshot()
    tables = Tables(study, _CURVES)
    if handle.state == INTERRUPTED:
        tables.lose(DRIVER_GONE)
    now = time.time()
    shown = dashboard(study.space, study.settings, unpacked(tables.snapshot(now)))
    return {**shown, "saved_at": now, "notices": [list(notice) for notice in handle.notices]}


def model_of(path: Path) -> dict[str, Any]:
    """The landscape of the study in `path`: its driver draws it, or one that is started for it. Raises:
    TuneError."""
    # what is wrong with the file is said with its dashboard
    with warnings.catch_warnings(action="ignore"):
        handle = StudyHandle.read(path)
    try:
        return with_axes(handle.landscape(), handle.snapshot().space)
    finally:
        handle.close()


def comparison_of(studies: Mapping[str, str], by: Any) -> dict[str, Any]:
    """The studies in these files, by label, in one chart and a table. Raises: TuneError."""
    handles = {label: StudyHandle.glance(Path(path)) for label, path in studies.items()}
    found = compared(handles, by, None, StudyHandle.glance)
    return {"chart": found.figure(), "table": found.rows()}


def main() -> None:
    what = sys.argv[1]
    if what == "standings":
        for line in sys.stdin:
            print(_text(standing_of(Path(json.loads(line)))), flush=True)
        return
    given = json.load(sys.stdin)
    try:
        if what == "comparison":
            found = comparison_of(given["studies"], given["by"])
        else:
            found = {"dashboard": dashboard_of, "model": model_of}[what](Path(given["path"]))
    except TuneError as error:
        found = {"error": str(error)}
    print(_text(found))


def _text(data: Any) -> str:
    return json.dumps(encodable(json_ready(data)), allow_nan=False)


if __name__ == "__main__":
    main()
