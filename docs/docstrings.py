"""Docstrings of this package as the reStructuredText that Sphinx reads.

They are plain text: backticks mark code, and sections begin with a word such as `Raises:`, whose text may
follow in the same line. A section `Args:` has a row for each argument, `name, name: what it is`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from textwrap import dedent

from jupyter_tune import errors

_TITLES = {"Args": "Arguments", "Options": "Options", "Attributes": "Attributes"} | {
    name: name for name in ("Raises", "Returns", "Source")
}
_HEADER = re.compile(rf"({'|'.join(_TITLES)}):(?: +(.*))?")
_SECOND_HEADER = re.compile(r"(?<=[.;]) +(?=(?:Raises|Returns):)")
_ROW = re.compile(r"((?:\*{0,2}\w+(?:, |(?=:)))+): *(.*)")
_ERROR = re.compile(r"\b(\w+Error)\b")
_OURS = {name for name in vars(errors) if name.endswith("Error")}


def as_rst(docstring: Iterable[str]) -> list[str]:
    """The lines of a docstring, without their common indentation, as lines of reStructuredText."""
    lines: list[str] = []
    for block in _blocks(docstring):
        header = _HEADER.fullmatch(block[0])
        if header is None:
            is_literal = block[0].startswith(" ")
            lines += ["::", "", *block] if is_literal else [_inline(line) for line in block]
        elif header[1] in ("Args", "Options", "Attributes"):
            lines += _rows(_TITLES[header[1]], header[2], block[1:])
        else:
            text = " ".join([header[2] or "", *map(str.strip, block[1:])]).strip()
            lines += [f":{_TITLES[header[1]]}: {_inline(text)}"]
        lines.append("")
    return lines


def _blocks(docstring: Iterable[str]) -> Iterator[list[str]]:
    """Its paragraphs and sections."""
    block: list[str] = []
    for given in docstring:
        for line in _SECOND_HEADER.split(given.rstrip()):
            if block and (not line or _HEADER.fullmatch(line)):
                yield block
                block = []
            if line:
                block.append(line)
    if block:
        yield block


def _rows(title: str, first: str | None, others: list[str]) -> list[str]:
    """A section of rows. One that has none, as in `Args: as of its base`, is text."""
    given = [*([first] if first else []), *dedent("\n".join(others)).splitlines()]
    if not _ROW.fullmatch(given[0]):
        return [f":{title}: {_inline(' '.join(map(str.strip, given)))}"]
    rows: list[tuple[str, list[str]]] = []
    for line in given:
        row = _ROW.fullmatch(line)
        if row and (not rows or not line.startswith(" ")):
            rows.append((row[1], [row[2]]))
        else:
            rows[-1][1].append(line.strip())
    lines = [f":{title}:"]
    for names, text in rows:
        lines += [f"  ``{names}``", f"    {_inline(' '.join(text).strip())}"]
    return lines


def _inline(text: str) -> str:
    """Code in backticks as such, errors of this package as links, and nothing else marked up."""
    parts = re.split(r"`([^`]+)`", text)
    for at, part in enumerate(parts):
        parts[at] = f"``{part}``" if at % 2 else _linked(re.sub(r"([\\*_|])", r"\\\1", part))
    return "".join(parts)


def _linked(text: str) -> str:
    return _ERROR.sub(lambda found: _link(found[1]) if found[1] in _OURS else found[1], text)


def _link(error: str) -> str:
    return f":py:exc:`~jupyter_tune.errors.{error}`"
