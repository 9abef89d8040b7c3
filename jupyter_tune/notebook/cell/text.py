"""The text of a cell: checks its syntax, and rewrites it for trials."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence

from jupyter_tune.errors import CellError

_MAGIC = re.compile(r"[%!?]|[\w\s.,*]+=\s*[%!]|.*\?\s*$")


def syntax_tree(text: str) -> ast.Module:
    """The syntax tree of `text`. Raises CellError with the line, also for a magic."""
    try:
        with warnings.catch_warnings():
            # IPython or the trial shows them; here they would appear twice
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
            # finds errors that ast.parse does not: return outside a function, a stray nonlocal
            compile(text, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except SyntaxError as error:
        number = error.lineno or 1
        line = [*text.split("\n"), ""][number - 1].strip()
        if _MAGIC.match(line):
            raise CellError(
                f"line {number}: {line} is for the notebook, not for trials; move it to a cell above"
            ) from None
        raise CellError(f"line {number}: {error.msg}: {line}") from None
    except ValueError as error:
        raise CellError(f"this text is not Python: {error}; remove the odd characters") from None
    return tree


def with_lookups(text: str, spans: Sequence[tuple[ast.stmt, str]]) -> str:
    """`text` with every declaration replaced by a lookup of its parameter; line numbers stay.

    Args: spans: the declaring statements, each with the parameter's name.
    """
    # ast counts columns in UTF-8 bytes
    lines = [line.encode() for line in text.split("\n")]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    data = b"\n".join(lines)
    for node, name in sorted(spans, key=lambda span: (span[0].lineno, span[0].col_offset), reverse=True):
        end_line, end_col = node.end_lineno or node.lineno, node.end_col_offset or 0
        first = starts[node.lineno - 1] + node.col_offset
        last = starts[end_line - 1] + end_col
        # newlines go inside the brackets: more code may follow on the declaration's last line
        padding = "\n" * (end_line - node.lineno)
        data = data[:first] + f'{name} = trial.params["{name}"{padding}]'.encode() + data[last:]
    return data.decode()
