"""The ranges that an Optuna objective asks for, from its source: nothing of the user's is run.

    source      the syntax tree of a function, and the names that it uses
    values      what stands for a value that only a trial has
    worlds      which branches are followed, and the space that comes of all of them
    pure        calls and containers whose results are known
    syntax      what a statement tells without being followed
    operators
    expressions
    calls
    bindings
    statements  the interpreter, on top of these

The objective is interpreted from its beginning to its end once for each *world*: for some of the values that
a parameter may have. Where a test, the length of a loop or a parameter's name depends on a parameter of few
values, the worlds part by what comes of it: `if kind == "svm"` makes two, `range(n_layers)` one for each
length. A parameter that is not in every world has conditions: the values that its worlds have.

What depends on data, on calls of other functions or on a trial's course is *unknown*. Both branches of a test
that is unknown are followed, in one world: what either asks for is a parameter, which some trials will have
without using it. The same holds where conditions are no conjunction, as in `a == 1 or b == 2`: they are
widened to one. Too many parameters cost the search a little, one too few would fail the trial. What must be
known is the name and the range of a parameter; if it is not, the error names the line.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_tune.core.space import Space
from jupyter_tune.integrations.optuna.reading.source import Source, source_of
from jupyter_tune.integrations.optuna.reading.statements import Interpreter
from jupyter_tune.integrations.optuna.reading.worlds import Worlds


def read_objective(objective: Callable[[Any], Any]) -> Space:
    """The space of an objective.

    Raises: SpaceError naming the line whose range or name is not known before a trial, or if there is no
        source to read or nothing in it asks for a range.
    """
    source = source_of(objective)
    worlds = Worlds(source.shown)
    return worlds.explore(lambda: Interpreter(worlds).run(source))


__all__ = ["Source", "read_objective"]
