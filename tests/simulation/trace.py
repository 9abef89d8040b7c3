"""What happened, for people to read: written down as it happens, put into words only if someone asks."""

from __future__ import annotations

import dataclasses
import os
from typing import Any

from jupyter_tune.core.events import Record, StudyOpened, TrialEnded, TrialReported, TrialStarted
from tests.simulation.virtual_loop import VirtualLoop


class Trace:
    """`names`: what is written in place of a text that differs from run to run."""

    def __init__(self, loop: VirtualLoop):
        self._loop = loop
        self.names: dict[str, str] = {f"process {os.getpid()}": "another process"}
        self._notes: list[tuple[float, str, str, object]] = []

    def note(self, who: str, what: str, about: object = None) -> None:
        self._notes.append((self._loop.time(), who, what, about))

    def __str__(self) -> str:
        text = "\n".join(
            f"{at:10.3f}  {who:<10} {what} {_words(about)}".rstrip() for at, who, what, about in self._notes
        )
        for name, instead in self.names.items():
            text = text.replace(name, instead)
        return text


def _words(thing: object) -> str:
    match thing:
        case None:
            return ""
        case Record(seq, _, event):
            return f"{seq} {_words(event)}"
        case StudyOpened(settings=settings):
            return f"StudyOpened {_words(settings)}"
        case TrialStarted(number, attempt, slot):
            return f"TrialStarted {number}.{attempt} on {slot}"
        case TrialReported(number, attempt, step, metrics):
            return f"TrialReported {number}.{attempt} step {step}: {metrics}"
        case TrialEnded(number, attempt, state):
            rest = _set_fields(thing, "number", "attempt", "state")
            return f"TrialEnded {number}.{attempt} {state} {rest}".rstrip()
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        return f"{type(thing).__name__} {_set_fields(thing)}"
    return str(thing)


def _set_fields(thing: Any, *but: str) -> str:
    """Its fields that are not at their defaults."""
    return " ".join(
        f"{field.name}={value!r}"
        for field in dataclasses.fields(thing)
        if field.name not in but and (value := getattr(thing, field.name)) not in (field.default, {}, ())
    )
