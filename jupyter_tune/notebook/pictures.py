"""What a cell's output holds of a study, so that a notebook can be saved and read at any moment.

while it runs    a summary in words, cheap enough to make every few seconds
at the end       html, png and text with all charts, which a saved notebook shows without a kernel,
                 anywhere; drawn in a process of its own: no plotting library is loaded into the user's
                 kernel
"""

from __future__ import annotations

import contextlib
import json
import shlex
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from jupyter_tune import journal
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.errors import TuneError
from jupyter_tune.notebook.cell_plan import CELL
from jupyter_tune.payload.command_words import COMMAND
from jupyter_tune.registry import has_model
from jupyter_tune.views.saved.summary import summary
from jupyter_tune.views.tables.messages import Landscape, Status

PICTURE_S = 180.0
"""Seconds that drawing it may take."""


def ways_on(handle: StudyHandle) -> dict[str, str]:
    """The lines that bring a study back in any kernel, each by what it does: load, show, resume; again, in
    place of resume, where no cell has started it.

    They name its file in full, so that they find it from any working directory.
    """
    origin = handle.snapshot().origin
    file = shlex.quote(str(handle.path))
    ways = {"load": "%load_ext jupyter_tune", "show": f"%tune show {file}"}
    if origin.get("kind") == CELL:
        return {**ways, "resume": f"%tune resume {file}"}
    text = origin.get("text", "function")
    function = f"jt.Command({text!r}, ...)" if origin.get("kind") == COMMAND else text
    place = f"name={handle.name!r}, dir={str(handle.path.parent)!r}"
    return {**ways, "again": f"jt.tune({function}, ..., {place}, resume=True)"}


def passing_picture(status: Status, ways: Mapping[str, str]) -> dict[str, str]:
    """A study that has not ended, by mime type: its name, state, best so far, and how to go on with it.

    Args: status: of the tables. ways: as `ways_on` gives them.
    """
    offered = {
        "To see it as it is now": f"{ways['load']}, then {ways['show']}",
    }
    if "resume" in ways:
        interrupted = "If it was interrupted, run the cells above that it needs, then"
        offered[interrupted] = f"{ways['load']}, then {ways['resume']}"
    else:
        offered["If it was interrupted, call it again"] = ways["again"]
    return summary(status, offered)


def lasting_picture(handle: StudyHandle, axes: tuple[str, str | None] | None) -> dict[str, Any]:
    """An ended study by mime type.

    Args: axes: the parameters over which the model is shown; None for the first that vary.
    Raises: TuneError if it cannot be drawn.
    """
    landscape: Landscape | None = None
    if axes is not None or has_model(handle.snapshot().settings.sampler):
        # an interrupted study has none, nor one in which nothing varies
        with contextlib.suppress(TuneError):
            landscape = handle.landscape(*(axes or (None, None)))
    # passed on as text: a long journal is not decoded in the user's kernel
    records = ", ".join(journal.read_texts(handle.path))
    given = f'{{"records": [{records}], "landscape": {json.dumps(landscape)}}}'
    try:
        drawing = subprocess.run(
            [sys.executable, "-P", "-m", "jupyter_tune.views.saved.bundle"],
            input=given.encode(),
            capture_output=True,
            timeout=PICTURE_S,
            check=True,
        )
    except (subprocess.SubprocessError, OSError) as error:
        output: bytes = getattr(error, "stderr", None) or b""
        raise TuneError(f"{error} {output.decode(errors='replace')}") from error
    picture: dict[str, Any] = json.loads(drawing.stdout)
    return picture
