"""Loggers as the notebook has set them, for its trials.

Levels, propagation and filters travel; of the handlers those that a trial can have too: to its own
stdout or stderr, to a file, to nowhere. Several processes must not rotate one file, and a queue, a
socket or a widget ends in the notebook: such a handler stays behind, and is said.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from typing import Any

from jupyter_tune.payload.notebook_builtins import is_of_the_front_end
from jupyter_tune.payload.settings.setting import Setting

_ROOT = ""


def _loggers() -> Iterator[tuple[str, logging.Logger]]:
    """The loggers on which something is set, the kernel's own left out."""
    yield _ROOT, logging.root
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if not isinstance(logger, logging.Logger) or name.partition(".")[0] in _KERNEL_LOGGERS:
            continue
        if logger.level or logger.handlers or logger.filters or logger.disabled or not logger.propagate:
            yield name, logger


_KERNEL_LOGGERS = frozenset({"IPKernelApp", "traitlets", "tornado", "asyncio", "Comm"})


def _read() -> dict[str, Any]:
    found: dict[str, Any] = {f"logger {name or 'root'}": _told(name, logger) for name, logger in _loggers()}
    found["disabled up to"] = logging.root.manager.disable
    found["captures warnings"] = getattr(logging, "_warnings_showwarning", None) is not None
    return found


def _told(name: str, logger: logging.Logger) -> dict[str, Any]:
    return {
        "name": name,
        "level": logger.level,
        "disabled": logger.disabled,
        "propagate": logger.propagate,
        "filters": list(logger.filters),
        "handlers": [told for handler in logger.handlers if (told := _told_handler(handler)) is not None],
    }


def _told_handler(handler: logging.Handler) -> dict[str, Any] | None:
    """What makes this handler again in another process; None if nothing can."""
    told: dict[str, Any] = {
        "level": handler.level,
        "formatter": handler.formatter,
        "filters": list(handler.filters),
    }
    if type(handler) is logging.NullHandler:
        return {**told, "kind": "null"}
    if type(handler) is logging.FileHandler:
        return {**told, "kind": "file", "path": handler.baseFilename, "encoding": handler.encoding}
    if type(handler) is logging.StreamHandler:
        if handler.stream in (sys.stdout, sys.__stdout__):
            return {**told, "kind": "stdout"}
        if handler.stream in (sys.stderr, sys.__stderr__):
            return {**told, "kind": "stderr"}
    return None


def left_behind() -> list[str]:
    """A sentence for every handler that trials will not have."""
    return [
        f"logging: {type(handler).__name__} of the {name or 'root'} logger stays in the notebook; "
        "add a handler inside the cell if trials should log there"
        for name, logger in _loggers()
        for handler in logger.handlers
        if _told_handler(handler) is None and not _is_the_library_s(handler, name)
    ]


def _is_the_library_s(handler: logging.Handler, logger: str) -> bool:
    """Whether a library put it on a logger of its own, as it does in a trial too."""
    home = type(handler).__module__.partition(".")[0]
    return home == logger.partition(".")[0] or is_of_the_front_end(handler)


def _write(found: dict[str, Any]) -> None:
    for entry, told in found.items():
        if entry.startswith("logger "):
            _set(logging.getLogger(told["name"] or None), told)
    logging.disable(found["disabled up to"])
    logging.captureWarnings(found["captures warnings"])


def _set(logger: logging.Logger, told: dict[str, Any]) -> None:
    logger.setLevel(told["level"])
    logger.disabled, logger.propagate = told["disabled"], told["propagate"]
    logger.filters[:] = told["filters"]
    for handler in list(logger.handlers):
        if _told_handler(handler) is not None:
            logger.removeHandler(handler)
    for each in told["handlers"]:
        logger.addHandler(_handler(each))


def _handler(told: dict[str, Any]) -> logging.Handler:
    handler: logging.Handler
    match told["kind"]:
        case "null":
            handler = logging.NullHandler()
        case "file":
            # appends: the notebook and the other trials write to it as well
            handler = logging.FileHandler(told["path"], "a", told["encoding"], delay=True)
        case stream:
            handler = logging.StreamHandler(getattr(sys, stream))
    handler.setLevel(told["level"])
    handler.setFormatter(told["formatter"])
    handler.filters[:] = told["filters"]
    return handler


SETTINGS = (Setting("logging", _read, _write),)
