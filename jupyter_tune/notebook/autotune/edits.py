"""Changes to the text of a cell, at the places of its syntax tree."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field


@dataclass
class Edits:
    """Changes to `text`, all by its lines and columns as they were."""

    text: str
    _changes: list[tuple[int, int, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        # ast counts columns in UTF-8 bytes
        self._lines = [line.encode() for line in self.text.split("\n")]
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def replace(self, node: ast.expr, by: str) -> None:
        self._change(self._start(node), self._end(node), by)

    def insert_after(self, node: ast.expr, text: str) -> None:
        self._change(self._end(node), self._end(node), text)

    def line_before(self, statement: ast.stmt, line: str) -> None:
        """A line above a statement of the cell, and above its decorators."""
        first = min([statement.lineno, *(each.lineno for each in getattr(statement, "decorator_list", []))])
        at = self._starts[first - 1]
        self._change(at, at, f"{line}\n")

    def line_after(self, statement: ast.stmt, line: str) -> None:
        """A line below a statement, in its block; on its own line if others stand before it there."""
        indent = self._lines[statement.lineno - 1][: statement.col_offset].decode()
        last = (statement.end_lineno or statement.lineno) - 1
        if indent.strip():
            at = self._starts[last] + (statement.end_col_offset or 0)
            self._change(at, at, f"; {line}")
        else:
            at = self._starts[last] + len(self._lines[last])
            self._change(at, at, f"\n{indent}{line}")

    def result(self) -> str:
        """The changed text; of changes at one place the earlier comes first."""
        data, done, parts = b"\n".join(self._lines), 0, []
        for start, end, by in sorted(self._changes, key=lambda change: change[0]):
            parts += [data[done:start], by]
            done = end
        return b"".join([*parts, data[done:]]).decode()

    def _change(self, start: int, end: int, by: str) -> None:
        self._changes.append((start, end, by.encode()))

    def _start(self, node: ast.expr) -> int:
        return self._starts[node.lineno - 1] + node.col_offset

    def _end(self, node: ast.expr) -> int:
        return self._starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
