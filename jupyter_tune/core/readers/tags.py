"""Readers of tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jupyter_tune.core.notes import Tags, checked_tags


def tags(value: Any, name: str) -> Tags:
    """Tags of a study: a dict, or KEY=VALUE, one or more; a word without = is a tag that is True."""
    if isinstance(value, Mapping):
        return checked_tags(value, name)
    texts = [value] if isinstance(value, str) or not isinstance(value, Iterable) else value
    return checked_tags(dict(_pair(text) for text in texts), name)


def _pair(text: Any) -> tuple[Any, Any]:
    if not isinstance(text, str):
        return text, True
    key, equals, value = text.partition("=")
    return key, value.strip() if equals else True
