"""`study.replay()`: whether every decision in the journal is the one that would be made again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_tune.client.driver_process import ask_alone
from jupyter_tune.wire import requests


@dataclass(frozen=True)
class Difference:
    """A decision that differs. `seq`: its record; `then`, `again`: both sides, in words."""

    seq: int
    what: str
    then: str
    again: str


@dataclass(frozen=True)
class Replay:
    """What came of a replay.

    counts:      how many suggestions, prunes, resumes and ends were compared.
    unsure:      suggestions that differ, and of which an older journal does not tell what they knew.
    differences: decisions that differ, and `first` of them.
    libraries:   name -> [version then, version now], where they differ.
    """

    name: str
    counts: Mapping[str, int]
    unsure: int
    differences: int
    first: Difference | None
    libraries: Mapping[str, list[str]]

    @property
    def is_same(self) -> bool:
        """Whether no decision differs."""
        return self.first is None

    def __repr__(self) -> str:
        counted = ", ".join(
            f"{count} {kind if count > 1 else kind.removesuffix('s')}"
            for kind, count in self.counts.items()
            if count
        )
        lines = [f"Replay of {self.name}: {sum(self.counts.values())} decisions ({counted or 'none'})"]
        if self.first is None:
            lines[0] += ", all the same"
        else:
            lines[0] += f", {self.differences} of them differ"
            lines += [
                f"The first is {self.first.what}, record {self.first.seq}:",
                f"  then   {self.first.then}",
                f"  again  {self.first.again}",
            ]
        if self.unsure:
            lines.append(
                f"{self.unsure} more suggestions differ, and this older journal does not tell what they knew"
            )
        if self.libraries:
            changed = ", ".join(f"{name} {now} (then {then})" for name, (then, now) in self.libraries.items())
            lines.append(f"Other libraries may decide otherwise: {changed}")
        return "\n".join(lines)


def replay_study(path: Path, name: str) -> Replay:
    """Replay the study in `path`, in a process of its own. Raises JournalError."""
    result: dict[str, Any] = ask_alone(requests.Replay(str(path)))
    first = result.pop("first")
    return Replay(name=name, first=first and Difference(**first), **result)
