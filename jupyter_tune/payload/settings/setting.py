"""A setting that is read in one process and applied in another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Setting:
    """A named group of entries.

    name:  for notices and errors.
    read:  the entries by name; {} if there is nothing to inherit.
    write: applies the entries, some of which may be missing, in another process.
    """

    name: str
    read: Callable[[], dict[str, Any]]
    write: Callable[[dict[str, Any]], None]
