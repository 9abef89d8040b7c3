"""What went wrong with a trial, and when two trials failed for the same reason.

Two failures are of one kind if their last lines agree once what changes from trial to trial is masked
(numbers, addresses, identifiers, quoted texts: shapes, params, file names), and the same line
of the user's code raised them.
"""

from __future__ import annotations

import re

_CHANGING = re.compile(
    r"""
      '[^']*' | "[^"]*"                                # quoted
    | (?<![\w.])(?:[A-Za-z]:\\|/)[^\s:,)]+             # a path
    | \btmp\w+                                         # a temporary file
    | \b[0-9a-fA-F]{8}-[0-9a-fA-F-]{18,27}             # a UUID
    | \b(?=[a-fA-F]*\d)[0-9a-fA-F]{12,}\b              # a hash
    | 0x[0-9a-fA-F]+                                   # an address
    | [-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?    # a number
    | [-+]?\b(?:nan|inf)\b                             # what is no number
    """,
    re.VERBOSE,
)
_SEVERAL = re.compile(r"#(?:, ?#)+")
"""A shape or a list, whose length may change too."""

_FRAME = re.compile(r'^\s*File "(.+)", line (\d+)', re.MULTILINE)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def last_line(text: str) -> str:
    """The last line of a traceback, which names what was raised; "" for no text."""
    lines = _COLOURS.sub("", text).strip().splitlines()
    return lines[-1].strip() if lines else ""


def failure_kind(error: str, reason: str) -> tuple[str, str]:
    """What was raised, with what changes from trial to trial masked, and the line of the user's code.

    Args: error: the traceback, or other text about it; reason: what is taken where there is none.
    """
    raised = last_line(error) or reason
    frames = _FRAME.findall(error)
    # cells have names in brackets; of a library's own frames none is the user's
    own = [frame for frame in frames if frame[0].startswith("<")] or frames
    place = f"{own[-1][0]}:{own[-1][1]}" if own else ""
    return _SEVERAL.sub("#", _CHANGING.sub("#", raised)), place
