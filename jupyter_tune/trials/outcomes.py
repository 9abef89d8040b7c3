"""The outcome of an attempt as it is sent: what the code gave, or why it failed."""

from __future__ import annotations

import os
import traceback
from pathlib import Path

from jupyter_tune.core.encoding import metrics_to_json, number_to_json
from jupyter_tune.core.events import Metrics
from jupyter_tune.core.retries import ERROR, MEMORY
from jupyter_tune.core.trial import COMPLETE, FAILED
from jupyter_tune.trials.command.running import CommandError
from jupyter_tune.trials.training import NoMetricError
from jupyter_tune.wire.frames import Message

ERROR_LIMIT = 64_000
"""Characters of a traceback that are kept."""

_PACKAGE_FOLDER = str(Path(__file__).parents[1]) + os.sep


def completed(value: float | None, metrics: Metrics) -> Message:
    """The outcome of code that has come to its end. `value`: None if the reports decide."""
    return {"state": COMPLETE, "value": number_to_json(value), "metrics": metrics_to_json(metrics)}


def failed(error: BaseException) -> Message:
    """The outcome of code that has raised `error`."""
    match error:
        case NoMetricError():
            return _failed("no metric", str(error))
        case CommandError():
            return _failed(error.reason, error.error, error.cause)
        case SystemExit(code=code):
            number = code if isinstance(code, int) else 1
            message = "" if isinstance(code, int) else f"{code}\n"
            return _failed(f"exited with code {number}", f"{message}exited with code {number}")
    text = _traceback(error)
    if _is_out_of_memory(error):
        return _failed("memory", text, MEMORY)
    return _failed(text.rpartition("\n")[2].removeprefix("jupyter_tune.errors.")[:200], text)


def _failed(reason: str, error: str, cause: str = ERROR) -> Message:
    return {"state": FAILED, "reason": reason, "error": error, "cause": cause}


def _is_out_of_memory(error: BaseException) -> bool:
    """Whether memory has run out, also that of a device: torch.OutOfMemoryError is no MemoryError."""
    kinds = type(error).__mro__
    return MemoryError in kinds or any(kind.__name__ == "OutOfMemoryError" for kind in kinds)


def is_of_this_package(filename: str) -> bool:
    return filename.startswith(_PACKAGE_FOLDER)


def _traceback(error: BaseException) -> str:
    """The traceback as text, without this package's frames, in about ERROR_LIMIT characters."""
    formatted = traceback.TracebackException(type(error), error, error.__traceback__, compact=True)
    _drop_package_frames(formatted)
    text = "".join(formatted.format()).rstrip("\n")
    if len(text) > ERROR_LIMIT:
        half = ERROR_LIMIT // 2
        text = f"{text[:half]}\n[... {len(text) - 2 * half:,} characters left out ...]\n{text[-half:]}"
    return text


def _drop_package_frames(formatted: traceback.TracebackException) -> None:
    formatted.stack = traceback.StackSummary.from_list(
        [frame for frame in formatted.stack if not is_of_this_package(frame.filename)]
    )
    for cause in (formatted.__cause__, formatted.__context__):
        if cause is not None:
            _drop_package_frames(cause)
