"""One setting of a process that can be read in one process and made in another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Setting:
    """`name`: for people; `read`: its entries, by name; empty where there is nothing to inherit;
    `write`: takes those entries, perhaps not all of them, in another process."""

    name: str
    read: Callable[[], dict[str, Any]]
    write: Callable[[dict[str, Any]], None]
