"""What stays of an ended study in its cell: html, png and text, which a saved notebook shows without a
kernel, anywhere. It is drawn in a process of its own: no plotting library is loaded into the user's kernel.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from typing import Any

from jupyter_tune import journal
from jupyter_tune.errors import TuneError
from jupyter_tune.study_handle import StudyHandle

PICTURE_S = 60.0
"""So long drawing it may take."""


def lasting_picture(handle: StudyHandle, axes: tuple[str, str | None] | None) -> dict[str, Any]:
    """An ended study by mime type.

    Args: axes: the parameters over which the model is shown; None for the first that vary.
    Raises: TuneError if it cannot be drawn.
    """
    landscape: dict[str, Any] | None = None
    if axes is not None or handle.snapshot().settings.sampler == "gp":
        # an interrupted study has none, nor one in which nothing varies
        with contextlib.suppress(TuneError):
            landscape = handle.landscape(*(axes or (None, None)))
    # handed on as the text that they are: a long journal is not worth decoding in the user's kernel
    records = ", ".join(journal.read_texts(handle.path))
    given = f'{{"records": [{records}], "landscape": {json.dumps(landscape)}}}'
    try:
        drawing = subprocess.run(
            [sys.executable, "-P", "-m", "jupyter_tune.views.static"],
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
