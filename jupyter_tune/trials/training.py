"""Runs the training code, a cell or a function, and finds its final value:

    a cell        the variable named like the metric; not needed if the cell has reported the metric
    a function    the returned number, or the metric in the returned dict, whose other numbers are further
                  metrics

Without a final value the reports decide. Each of several metrics is found so: by the name of a variable, or
in the returned dict.
"""

from __future__ import annotations

import ast
import importlib
import sys
import types
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from jupyter_tune.core.measurements import as_metric
from jupyter_tune.errors import ReportError, TuneError
from jupyter_tune.payload.cell_sources import register_source
from jupyter_tune.trials.report import RunningTrial, report, trial
from jupyter_tune.wire.frames import Message


class NoMetricError(TuneError):
    """The code ended without a value for the study's metric."""


def compile_cell(payload: Message) -> types.CodeType:
    """Compile a cell. Tracebacks show its lines as the user typed them."""
    source, shown, filename = payload["source"], payload["shown"], payload["filename"]
    register_source(filename, shown)
    # dont_inherit: the cell gets the notebook's future statements (flags), not those of this module
    flags = payload.get("flags", 0)
    tree = compile(source, filename, "exec", ast.PyCF_ONLY_AST | flags, dont_inherit=True)
    for name in _imported(tree) & {"numpy", "torch"}:
        # imported before seeding, so that it is seeded too; the cell raises if this fails
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
    code: types.CodeType, metrics: Sequence[str], running: RunningTrial, main: types.ModuleType
) -> tuple[float | None, dict[str, float]]:
    """Run a cell in `main`. Returns its final value (None: the reports decide) and further metrics.

    Args: metrics: those that a trial must have; the first is the one of the final value. None are needed for
        a run without a study.
    Raises: NoMetricError, and everything that the code raises.
    """
    namespace = main.__dict__
    # these win over variables of the same names in the notebook
    namespace.update(report=report, trial=trial)
    try:
        result = eval(code, namespace)
        if result is not None:
            _await(result)
    except SystemExit as exit:
        if exit.code not in (None, 0):
            raise
    found: dict[str, float] = {}
    for metric in metrics:
        if metric in running.reported:
            continue
        if metric not in namespace:
            raise _no_metric(metric, "the variable {0} is not set", f"set {metric} in the cell")
        try:
            found[metric] = as_metric(metric, namespace[metric])
        except ReportError as error:
            raise NoMetricError(f"the cell's final value: {error}") from None
    return (found.pop(metrics[0], None) if metrics else None), found


def _await(coroutine: Any) -> None:
    """Run a cell that uses `await`, in an event loop that allows asyncio.run inside, as notebooks do."""
    import asyncio

    import nest_asyncio2

    nest_asyncio2.apply()
    asyncio.run(coroutine)


def run_function(
    function: Any, metrics: Sequence[str], running: RunningTrial
) -> tuple[float | None, dict[str, float]]:
    """Call `function` with the params as keywords. Returns and raises as `run_cell`."""
    try:
        result = function(**running.params)
        if isinstance(result, types.CoroutineType):
            import asyncio

            result = asyncio.run(result)
    except SystemExit as exit:
        if exit.code not in (None, 0):
            raise
        result = None
    metric, *also = metrics
    value: float | None = None
    found: dict[str, float] = {}
    try:
        if isinstance(result, dict):
            if metric in result:
                value = as_metric(metric, result[metric])
            found = _numbers_of(result)
        elif result is not None:
            value = as_metric(metric, result)
    except ReportError as error:
        raise NoMetricError(f"the function's return value: {error}") from None
    if value is None and metric not in running.reported:
        if isinstance(result, dict):
            raise _no_metric(metric, "the returned dict has no {0!r}", f"add it: {{{metric!r}: ...}}")
        raise _no_metric(metric, "the function returned None", f"return {metric}")
    for name in also:
        if name not in found and name not in running.reported:
            written = ", ".join(f"{each!r}: ..." for each in metrics)
            raise _no_metric(name, "the function did not return it", f"return {{{written}}}")
    return value, found


def _numbers_of(result: dict[Any, Any]) -> dict[str, float]:
    """The numbers of a returned dict. Other items ({"status": "ok"}) are left out and noted in the log."""
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
