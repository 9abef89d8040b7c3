"""Settings of the interpreter, the process and the standard library that trials inherit.

Modules of the standard library that the notebook has not loaded are skipped.
"""

from __future__ import annotations

import builtins
import gc
import importlib
import locale
import os
import resource
import sys
import threading
import types
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_tune.payload.dependencies import is_main
from jupyter_tune.payload.notebook_builtins import is_from_front_end
from jupyter_tune.payload.settings.setting import Setting

_LIMITS = ("RLIMIT_AS", "RLIMIT_DATA", "RLIMIT_FSIZE", "RLIMIT_CORE")
"""Limits that trials inherit. Not RLIMIT_NOFILE, which a trial may have to raise for its memory maps."""

_CSV_FIELD = 131_072
"""The default of csv.field_size_limit()."""


def _interpreter() -> dict[str, Any]:
    found: dict[str, Any] = {
        "recursion limit": sys.getrecursionlimit(),
        "switch interval": sys.getswitchinterval(),
        "digits of an int": sys.get_int_max_str_digits(),
        "stack size": _stack_size(),
        "bytecode": (sys.dont_write_bytecode, sys.pycache_prefix),
        "gc": (gc.isenabled(), gc.get_threshold()),
    }
    if hasattr(sys, "tracebacklimit"):
        found["traceback limit"] = sys.tracebacklimit
    # only if the user has set it: the kernel's command line is of no use to training code
    if sys.argv[1:] != sys.orig_argv[len(sys.orig_argv) - len(sys.argv) + 1 :]:
        found["argv"] = list(sys.argv)
    return found


def _stack_size() -> int:
    size = threading.stack_size()
    # reading it sets it to 0
    threading.stack_size(size)
    return size


def _set_interpreter(found: dict[str, Any]) -> None:
    sys.setrecursionlimit(found["recursion limit"])
    sys.setswitchinterval(found["switch interval"])
    sys.set_int_max_str_digits(found["digits of an int"])
    threading.stack_size(found["stack size"])
    sys.dont_write_bytecode, sys.pycache_prefix = found["bytecode"]
    enabled, threshold = found["gc"]
    gc.set_threshold(*threshold)
    (gc.enable if enabled else gc.disable)()
    if "traceback limit" in found:
        sys.tracebacklimit = found["traceback limit"]
    if "argv" in found:
        sys.argv = found["argv"]


def _builtins() -> dict[str, Any]:
    """Built-ins that the user has added or replaced."""
    return {
        name: value
        for name, value in vars(builtins).items()
        if not name.startswith("__")
        and not _is_python_builtin(name, value)
        and not is_from_front_end(value)
        # an interactive prompt stores the last value in _, gettext a function
        and (name != "_" or callable(value))
    }


def _is_python_builtin(name: str, value: object) -> bool:
    home = getattr(value, "__module__", None)
    constant = value is None or isinstance(value, (bool, type(...), type(NotImplemented)))
    return home in ("builtins", "_sitebuiltins", "io", "_io") or (constant and repr(value) == name)


def _set_builtins(found: dict[str, Any]) -> None:
    vars(builtins).update(found)


def _process() -> dict[str, Any]:
    return {
        "umask": _umask(),
        "locale": locale.setlocale(locale.LC_ALL),
        "limits": {name: resource.getrlimit(getattr(resource, name))[0] for name in _LIMITS},
    }


def _umask() -> int | None:
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        # os.umask can only read it by changing it, for all threads
        return None
    line = next((line for line in status.splitlines() if line.startswith("Umask:")), None)
    return None if line is None else int(line.partition(":")[2], 8)


def _set_process(found: dict[str, Any]) -> None:
    if found["umask"] is not None:
        os.umask(found["umask"])
    if locale.setlocale(locale.LC_ALL) != found["locale"]:
        locale.setlocale(locale.LC_ALL, found["locale"])
    for name, wanted in found["limits"].items():
        soft, hard = resource.getrlimit(getattr(resource, name))
        if soft != wanted:
            resource.setrlimit(getattr(resource, name), (wanted, hard))


def _standard_library() -> dict[str, Any]:
    """Settings that differ from the defaults; the others need no module to be loaded in a trial."""
    found: dict[str, Any] = {}
    loaded = sys.modules.get
    if (decimal := loaded("decimal")) and _rules(decimal.getcontext()) != _rules(decimal.DefaultContext):
        found["decimal"] = decimal.getcontext()
    if (sockets := loaded("socket")) and sockets.getdefaulttimeout() is not None:
        found["socket"] = sockets.getdefaulttimeout()
    if (csv := loaded("csv")) and csv.field_size_limit() != _CSV_FIELD:
        found["csv"] = csv.field_size_limit()
    if (tempfile := loaded("tempfile")) and tempfile.tempdir is not None:
        found["tempfile"] = tempfile.tempdir
    if (processes := loaded("multiprocessing")) and (how := processes.get_start_method(allow_none=True)):
        found["multiprocessing"] = how
    return found


def _rules(context: Any) -> tuple[Any, ...]:
    """A decimal context without its flags."""
    return (context.prec, context.rounding, context.Emin, context.Emax, dict(context.traps))


def _set_standard_library(found: dict[str, Any]) -> None:
    setters: dict[str, Callable[[Any, Any], Any]] = {
        "decimal": lambda module, context: module.setcontext(context),
        "socket": lambda module, timeout: module.setdefaulttimeout(timeout),
        "csv": lambda module, limit: module.field_size_limit(limit),
        "tempfile": lambda module, folder: setattr(module, "tempdir", folder),
        "multiprocessing": lambda module, method: module.set_start_method(method, force=True),
    }
    for name, value in found.items():
        setters[name](importlib.import_module(name), value)


def _warnings() -> dict[str, Any]:
    found: dict[str, Any] = {
        f"filter {place}": entry
        for place, entry in enumerate(warnings.filters)
        # filters of the kernel would import IPython in every trial
        if not is_from_front_end(entry[2])
    }
    for name in ("showwarning", "formatwarning"):
        own = getattr(warnings, name)
        if isinstance(own, types.FunctionType) and is_main(own.__module__):
            found[name] = own
    return found


def _set_warnings(found: dict[str, Any]) -> None:
    for name in ("showwarning", "formatwarning"):
        if name in found:
            setattr(warnings, name, found.pop(name))
    # also clears the record of warnings that have been shown
    warnings.resetwarnings()
    warnings.filters.extend(found.values())  # type: ignore[attr-defined]  # a list, typed as a Sequence


PROCESS = Setting("process", _process, _set_process)
SETTINGS = (
    Setting("interpreter", _interpreter, _set_interpreter),
    Setting("builtins", _builtins, _set_builtins),
    PROCESS,
    Setting("standard library", _standard_library, _set_standard_library),
)
WARNINGS = (Setting("warnings", _warnings, _set_warnings),)
