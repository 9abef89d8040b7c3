"""What people and trials write on a study: tags, which are values by name, and notes, which are text.

Names and values are those that JSON has, so that every reader of the journal has them. Each thing is bounded:
a journal is no place for data, which belong into artifacts.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import Any, TypeAlias

from jupyter_tune.core.measurements import as_text
from jupyter_tune.errors import OptionError

Tags: TypeAlias = dict[str, Any]

LONGEST_NAME = 100
LONGEST_VALUE = 10_000
LONGEST_NOTE = 20_000


def checked_tags(tags: Mapping[str, Any], where: str = "tag") -> Tags:
    """`tags` as the journal can have them; None takes a tag away. Raises OptionError naming the tag."""
    return {checked_name(name, where): _checked_value(name, value, where) for name, value in tags.items()}


def checked_name(name: Any, where: str) -> str:
    """`name`, if a tag can have it."""
    text = unicodedata.normalize("NFC", name.strip()) if isinstance(name, str) else ""
    if not text or len(text) > LONGEST_NAME or "=" in text or not text.isprintable():
        raise OptionError(
            f"{where}: {name!r} is no name of a tag; use up to {LONGEST_NAME} characters, without ="
        )
    return text


def _checked_value(name: str, value: Any, where: str) -> Any:
    # numpy's scalars have it, and are no numbers of JSON
    plain = value.item() if hasattr(value, "item") and not getattr(value, "shape", ()) else value
    try:
        text = json.dumps(plain, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise OptionError(
            f"{where}: {name}={value!r:.100} is nothing that JSON has; use a text, a finite number, "
            "True, False, or lists and dicts of them"
        ) from None
    if len(text) > LONGEST_VALUE:
        raise OptionError(
            f"{where}: {name} has {len(text):,} characters, {LONGEST_VALUE:,} at most; "
            "keep data by trial.save_artifact"
        )
    # as it is read again, with lists for tuples
    return json.loads(as_text(text))


def checked_note(text: Any) -> str:
    """`text`, if it can be a note; empty, it takes the note away. Raises OptionError."""
    if not isinstance(text, str):
        raise OptionError(f"note: must be a text, got {text!r:.100}")
    if len(text) > LONGEST_NOTE:
        raise OptionError(f"note: has {len(text):,} characters, {LONGEST_NOTE:,} at most; shorten it")
    return as_text(text.strip())


def tagged(before: Tags, changes: Tags) -> Tags:
    """`before` with `changes`; what has become None is gone."""
    return {name: value for name, value in {**before, **changes}.items() if value is not None}
