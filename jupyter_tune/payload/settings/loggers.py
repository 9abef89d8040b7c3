"""Settings of loggers that trials inherit.

Levels, propagation and filters are copied, and handlers that write to stdout, stderr, a file or nowhere.
Other handlers are left out, with a notice: several processes must not rotate one file, and queues, sockets
and widgets belong to the notebook.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from typing import Any

from jupyter_tune.payload.notebook_builtins import is_from_front_end
from jupyter_tune.payload.settings.setting import Setting

_ROOT = ""


def _loggers() -> Iterator[tuple[str, logging.Logger]]:
    """The loggers with a setting, without the kernel's own and Dask's."""
    yield _ROOT, logging.root
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if not isinstance(logger, logging.Logger) or name.partition(".")[0] in _KERNEL_LOGGERS:
            continue
        if logger.level or logger.handlers or logger.filters or logger.disabled or not logger.propagate:
            yield name, logger


# Dask's have classes of its own: for them every trial would import all of it, which sets them anyway
_KERNEL_LOGGERS = frozenset(
    {"IPKernelApp", "traitlets", "tornado", "asyncio", "Comm", "distributed", "marimo"}
)


def _read() -> dict[str, Any]:
    found: dict[str, Any] = {
        f"logger {name or 'root'}": _describe_logger(name, logger) for name, logger in _loggers()
    }
    found["disabled up to"] = logging.root.manager.disable
    found["captures warnings"] = getattr(logging, "_warnings_showwarning", None) is not None
    return found


def _describe_logger(name: str, logger: logging.Logger) -> dict[str, Any]:
    return {
        "name": name,
        "level": logger.level,
        "disabled": logger.disabled,
        "propagate": logger.propagate,
        "filters": list(logger.filters),
        "handlers": [
            described for handler in logger.handlers if (described := _describe_handler(handler)) is not None
        ],
    }


def _describe_handler(handler: logging.Handler) -> dict[str, Any] | None:
    """A description to recreate the handler from; None if that is not possible."""
    described: dict[str, Any] = {
        "level": handler.level,
        "formatter": handler.formatter,
        "filters": list(handler.filters),
    }
    if type(handler) is logging.NullHandler:
        return {**described, "kind": "null"}
    if type(handler) is logging.FileHandler:
        return {**described, "kind": "file", "path": handler.baseFilename, "encoding": handler.encoding}
    if type(handler) is logging.StreamHandler:
        if handler.stream in (sys.stdout, sys.__stdout__):
            return {**described, "kind": "stdout"}
        if handler.stream in (sys.stderr, sys.__stderr__):
            return {**described, "kind": "stderr"}
    return None


def left_behind() -> list[str]:
    """A notice for every handler that trials do not get."""
    return [
        f"logging: {type(handler).__name__} of the {name or 'root'} logger stays in the notebook; "
        "add a handler inside the cell if trials should log there"
        for name, logger in _loggers()
        for handler in logger.handlers
        if _describe_handler(handler) is None and not _is_library_handler(handler, name)
    ]


def _is_library_handler(handler: logging.Handler, logger: str) -> bool:
    """Whether a library has added it to its own logger, as it does in a trial too."""
    home = type(handler).__module__.partition(".")[0]
    return home == logger.partition(".")[0] or is_from_front_end(handler)


def _write(found: dict[str, Any]) -> None:
    for entry, described in found.items():
        if entry.startswith("logger "):
            _set(logging.getLogger(described["name"] or None), described)
    if logging.root.manager.disable != found["disabled up to"]:
        logging.disable(found["disabled up to"])
    logging.captureWarnings(found["captures warnings"])


def _set(logger: logging.Logger, described: dict[str, Any]) -> None:
    if _describe_logger(described["name"], logger) == described:
        return
    if logger.level != described["level"]:
        # it clears the caches of all loggers, which takes 0.5 ms where torch is loaded
        logger.setLevel(described["level"])
    logger.disabled, logger.propagate = described["disabled"], described["propagate"]
    logger.filters[:] = described["filters"]
    for handler in list(logger.handlers):
        if _describe_handler(handler) is not None:
            logger.removeHandler(handler)
    for each in described["handlers"]:
        logger.addHandler(_handler(each))


def _handler(described: dict[str, Any]) -> logging.Handler:
    handler: logging.Handler
    match described["kind"]:
        case "null":
            handler = logging.NullHandler()
        case "file":
            # append: the notebook and other trials write to it too
            handler = logging.FileHandler(described["path"], "a", described["encoding"], delay=True)
        case stream:
            handler = logging.StreamHandler(getattr(sys, stream))
    handler.setLevel(described["level"])
    handler.setFormatter(described["formatter"])
    handler.filters[:] = described["filters"]
    return handler


SETTINGS = (Setting("logging", _read, _write),)
