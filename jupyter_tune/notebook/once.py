"""`%%tune --once`: runs a cell in the notebook, each parameter at its default, without a study.

It is what the cell does without its first line, and what trial 0 of its study will do: `report` prints, and
`trial` has the values as `trial.params`. The code runs in the notebook's own namespace, so that what it
defines can be looked at afterwards, and an exception is raised as it is. No random generator is seeded.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from jupyter_tune.errors import OptionError
from jupyter_tune.launch.here import from_the_user
from jupyter_tune.notebook.cell import parse
from jupyter_tune.notebook.cell_plan import FUTURES
from jupyter_tune.trials.report import RunningTrial, set_running
from jupyter_tune.trials.training import NoMetricError, compile_cell, run_cell


def run_once(shell: InteractiveShell, options: Mapping[str, Any], line: str, cell: str) -> None:
    """Run `cell` here with its defaults, and print them, its reports and its final values.

    Args: options: those of `line`, checked; only the names of the metrics matter.
    Raises: TuneError for a cell that cannot be tuned either, NoMetricError if it ends without one of the
        metrics, and everything that the code raises.
    """
    if "command" in options:
        raise OptionError(
            "--once: runs the code of a cell, and this one runs a command; --dry-run shows the command"
        )
    parsed = parse("\n" + cell, shell.user_ns)
    metrics = [name for way in ("maximize", "minimize") for name in options.get(way, ())]
    for metric in metrics:
        parsed.check_metric(metric)
    params = parsed.space.decode(parsed.space.encoded.defaults())
    print("Once, without a study: " + ", ".join(f"{name}={_short(value)}" for name, value in params.items()))
    code = compile_cell(
        {
            "source": parsed.code,
            "shown": f"%%tune {line}\n{cell}",
            "filename": "<once>",
            "flags": shell.compile.flags & FUTURES,
        }
    )
    running = RunningTrial(params=params)
    set_running(running)
    try:
        value, further = run_cell(code, metrics, running, sys.modules["__main__"])
    except NoMetricError:
        raise
    except BaseException as error:
        raise error.with_traceback(from_the_user(error)) from None
    finally:
        set_running(None)
    final = further if value is None else {metrics[0]: value, **further}
    if final:
        print("final value: " + ", ".join(f"{name}={number:g}" for name, number in final.items()))


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else repr(value)
