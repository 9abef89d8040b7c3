"""The code of docs/hosts.md, which the tests of its hosts run."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "hosts.md"


def code_of(heading: str) -> list[str]:
    """The blocks of Python below `## heading`; below the page's own heading for ""."""
    sections = re.split(r"^## (.*)\n", PAGE.read_text(), flags=re.M)
    titles = ["", *sections[1::2]]
    text = sections[::2][titles.index(heading)]
    return re.findall(r"```python\n(.*?)```", text, re.S)
