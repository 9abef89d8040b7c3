"""Facts and numbers as JSON: in the journal, between processes, for the page."""

from __future__ import annotations

import dataclasses
import json
import math
import typing
from collections.abc import Callable, Mapping
from typing import Any

from jupyter_tune.core.events import Event, Metrics, Record
from jupyter_tune.core.measurements import as_text
from jupyter_tune.core.notes import Tags, checked_tags
from jupyter_tune.core.settings import settings_from_json, settings_to_json
from jupyter_tune.core.space import Space
from jupyter_tune.errors import JournalError, OptionError

# JSON has no NaN or infinity, and a journal must give back exactly what was reported
_TO_WORD = {math.inf: "inf", -math.inf: "-inf"}


def number_to_json(value: float | None) -> float | str | None:
    if value is None or math.isfinite(value):
        return value
    return _TO_WORD.get(value, "nan")


def metrics_to_json(metrics: Metrics) -> dict[str, float | str | None]:
    return {name: number_to_json(value) for name, value in metrics.items()}


def number_from_json(value: float | str | None) -> float | None:
    return value if value is None else float(value)


def metrics_in(message: Mapping[str, Any]) -> Metrics:
    """The metrics of a message from a trial: those that are numbers, under names that can be sent."""
    found = {as_text(name): number_from_json(value) for name, value in message.get("metrics", {}).items()}
    return {name: value for name, value in found.items() if value is not None}


def attrs_in(message: Mapping[str, Any]) -> Tags:
    """What a trial has written on itself, in a message from it; nothing that could not be recorded."""
    try:
        return checked_tags(message.get("attrs", {}))
    except (OptionError, AttributeError):
        return {}


def fold_in(message: Mapping[str, Any]) -> int | str | None:
    """The fold of a message from a trial; None for none."""
    fold = message.get("fold")
    return as_text(fold) if isinstance(fold, str) else fold if type(fold) is int else None


_WRITERS: dict[str, Callable[[Any], Any]] = {
    "space": Space.to_json,
    "settings": settings_to_json,
    "metrics": metrics_to_json,
    "value": number_to_json,
}
_READERS: dict[str, Callable[[Any], Any]] = {
    "space": Space.from_json,
    "settings": settings_from_json,
    "metrics": lambda data: {name: float(value) for name, value in data.items()},
    "value": number_from_json,
}

_LEFT_OUT_IF_EMPTY: dict[str, Any] = {"attrs": {}, "fold": None}
"""Fields of events that come by the thousand, and mostly have nothing in them."""

# looked up once: a long study has a report for every step of every trial
_FIELDS: dict[type[Any], list[tuple[str, Callable[[Any], Any] | None]]] = {
    kind: [(f.name, _WRITERS.get(f.name)) for f in dataclasses.fields(kind)]
    for kind in typing.get_args(Event)
}
_KINDS: dict[str, tuple[type[Any], list[tuple[str, Callable[[Any], Any]]]]] = {
    kind.__name__: (kind, [(name, _READERS[name]) for name, _ in fields if name in _READERS])
    for kind, fields in _FIELDS.items()
}
_encode = json.JSONEncoder(allow_nan=False).encode


def event_to_json(event: Event) -> dict[str, Any]:
    data: dict[str, Any] = {"kind": type(event).__name__}
    for name, write in _FIELDS[type(event)]:
        value = getattr(event, name)
        if name in _LEFT_OUT_IF_EMPTY and value == _LEFT_OUT_IF_EMPTY[name]:
            continue
        data[name] = value if write is None else write(value)
    return data


def event_from_json(data: Mapping[str, Any]) -> Event:
    """The event, or JournalError for a kind that this version does not know."""
    known = _KINDS.get(data["kind"])
    if known is None:
        raise JournalError(f"unknown event {data['kind']!r}; this study needs a newer jupyter_tune")
    kind, readers = known
    fields = dict(data)
    del fields["kind"]
    for name, read in readers:
        if name in fields:
            fields[name] = read(fields[name])
    event: Event = kind(**fields)
    return event


def event_to_text(event: Event) -> str:
    """The event as the journal's file holds it."""
    return _encode(event_to_json(event))


def record_text(seq: int, at: float, event: str) -> str:
    """A record as clients get it, the JSON text of [seq, at, event]; `event` is JSON text already."""
    return f"[{seq}, {at!r}, {event}]"


def record_from_json(data: list[Any]) -> Record:
    seq, at, event = data
    return Record(seq, at, event_from_json(event))
