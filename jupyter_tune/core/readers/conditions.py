"""Reads the constraints of a study."""

from __future__ import annotations

from typing import Any

from jupyter_tune.core.constraints import Constraint
from jupyter_tune.errors import OptionError


def constraints(value: Any, name: str) -> tuple[str, ...]:
    """The texts of constraints (see core/constraints.py): one, or a list of them; each once."""
    given = value if isinstance(value, (list, tuple)) else [value]
    for each in given:
        if not isinstance(each, str):
            raise OptionError(f"{name}: a constraint is text, got {each!r}; write it like 'latency <= 20'")
        try:
            Constraint.of(each)
        except OptionError as error:
            raise OptionError(f"{name}: {error}") from None
    return tuple(dict.fromkeys(each.strip() for each in given))
