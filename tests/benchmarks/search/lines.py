"""Files of JSON lines that several processes add to. Standard library only: every environment uses them."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path
from typing import Any


def append(path: Path, line: dict[str, Any]) -> None:
    """One more line of JSON. Several processes may add to a file at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(json.dumps(line) + "\n")


def lines_of(path: Path) -> list[dict[str, Any]]:
    """What was appended; nothing where there is no file yet."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
