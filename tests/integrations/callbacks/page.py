"""The blocks of docs/integrations.md, section by section."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = (Path(__file__).parents[3] / "docs" / "integrations.md").read_text()


def sections() -> dict[str, list[str]]:
    """Title of a section -> its Python blocks; what comes before the first is called ""."""
    found: dict[str, list[str]] = {}
    for section in f"\n{PAGE}".split("\n## "):
        title, _, text = section.partition("\n")
        found[title] = re.findall(r"```python\n(.*?)```", text, re.S)
    return found
