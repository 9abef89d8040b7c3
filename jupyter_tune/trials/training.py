"""Runs the training code, a cell or a function, and finds its final value. Where it comes from:

    a cell        the variable that has the metric's name
    a function    the number that it returns, or the metric's in the dict that it returns, whose other
                  numbers are metrics too

Where that is not there, what was reported decides; a cell that reported the metric needs no variable.
"""

from __future__ import annotations

import ast
import importlib
import sys
import types
from contextlib import suppress
from typing import Any

from jupyter_tune.core.measurements import as_metric
from jupyter_tune.errors import ReportError, TuneError
from jupyter_tune.payload.texts import show_text
from jupyter_tune.trials.report import Running, report, trial
from jupyter_tune.wire.frames import Message


class NoMetricError(TuneError):
    """The code ended without a value for the study's metric."""


def compiled(payload: Message) -> types.CodeType:
    """The code of a cell; tracebacks will show its lines as they were typed."""
    source, shown, filename = payload["source"], payload["shown"], payload["filename"]
    show_text(filename, shown)
    # dont_inherit: the future statements of this module are not the cell's; those of the notebook are
    flags = payload.get("flags", 0)
    tree = compile(source, filename, "exec", ast.PyCF_ONLY_AST | flags, dont_inherit=True)
    for name in _imported(tree) & {"numpy", "torch"}:
        # loaded before the seeding, so that it is seeded too; if it fails, the cell says so itself
        with suppress(ImportError):
            importlib.import_module(name)
    code: types.CodeType = compile(
        tree, filename, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | flags, dont_inherit=True
    )
    return code


def _imported(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def run_cell(
    code: types.CodeType, metric: str, running: Running, main: types.ModuleType
) -> tuple[float | None, dict[str, float]]:
    """Run a cell in `main`; its final value (None: the reports decide) and further metrics.

    Raises: NoMetricError, and whatever the code raises.
    """
    namespace = main.__dict__
    # whatever else the notebook calls so, a cell of a study means these
    namespace.update(report=report, trial=trial)
    try:
        result = eval(code, namespace)
        if result is not None:
            _finish(result)
    except SystemExit as leaving:
        if leaving.code not in (None, 0):
            raise
    if metric in running.reported:
        return None, {}
    if metric not in namespace:
        raise _no_metric(metric, "the variable {0} is not set", f"set {metric} in the cell")
    try:
        return as_metric(metric, namespace[metric]), {}
    except ReportError as error:
        raise NoMetricError(f"the cell's final value: {error}") from None


def _finish(coroutine: Any) -> None:
    """Run a cell that awaits, in a loop that also bears asyncio.run inside it, as notebooks do."""
    import asyncio

    import nest_asyncio2

    nest_asyncio2.apply()
    asyncio.run(coroutine)


def run_function(function: Any, metric: str, running: Running) -> tuple[float | None, dict[str, float]]:
    """Call a function with the params; what `run_cell` gives and raises."""
    try:
        result = function(**running.params)
        if isinstance(result, types.CoroutineType):
            import asyncio

            result = asyncio.run(result)
    except SystemExit as leaving:
        if leaving.code not in (None, 0):
            raise
        result = None
    try:
        if isinstance(result, dict):
            if metric in result:
                return as_metric(metric, result[metric]), _numbers_of(result)
            if metric not in running.reported:
                raise _no_metric(metric, "the returned dict has no {0!r}", f"add it: {{{metric!r}: ...}}")
            return None, _numbers_of(result)
        if result is not None:
            return as_metric(metric, result), {}
    except ReportError as error:
        raise NoMetricError(f"the function's return value: {error}") from None
    if metric in running.reported:
        return None, {}
    raise _no_metric(metric, "the function returned None", f"return {metric}")


def _numbers_of(result: dict[Any, Any]) -> dict[str, float]:
    """The metrics of a returned dict; what is no number ({"status": "ok"}) is left out, as the log says."""
    metrics: dict[str, float] = {}
    for name, value in result.items():
        try:
            metrics[str(name)] = as_metric(str(name), value)
        except ReportError:
            print(f"returned {name!r} is not a number and is not kept: {value!r:.200}", file=sys.stderr)
    return metrics


def _no_metric(metric: str, fact: str, way_out: str) -> NoMetricError:
    return NoMetricError(
        f"no metric: {metric} was never reported and {fact.format(metric)}; "
        f"call report({metric}=...) or {way_out}"
    )
