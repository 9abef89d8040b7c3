"""Writes what the editor of JupyterLab knows of options and ranges: labextension/src/cell/reference.json.

    python -m tests.front_end_reference

The table of options and the docstrings of the ranges are the one definition. tests/test_contract.py fails
where the file differs from them.
"""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

from jupyter_tune import Categorical, Float, Int
from jupyter_tune.launch.option import MAGIC, Option
from jupyter_tune.launch.options import options_of
from jupyter_tune.payload.command_words import PROVIDED
from jupyter_tune.registry import PRUNERS, SAMPLERS, TRACKERS

REFERENCE = Path(__file__).parents[1] / "labextension/src/cell/reference.json"

_CHOICES = {"sampler": [*SAMPLERS], "pruner": [*PRUNERS], "log_to": [*TRACKERS]}


def reference() -> dict[str, Any]:
    """The options of %%tune and the ranges that a cell declares, with their help."""
    return {
        "options": [_option(option) for option in options_of(MAGIC).values()],
        "ranges": [_range(kind) for kind in (Float, Int, Categorical)],
        "provided": list(PROVIDED),
    }


def written() -> str:
    """The text of the file."""
    return json.dumps(reference(), indent=2, ensure_ascii=False) + "\n"


def _option(option: Option) -> dict[str, Any]:
    values = "several" if option.several else 2 if option.pairs else 1 if option.metavar else 0
    return {
        "flag": option.flag,
        "short": option.short,
        "metavar": option.metavar,
        "values": values,
        "repeats": option.repeats or option.pairs or option.several,
        "choices": _CHOICES.get(option.name, []),
        "help": option.help,
    }


def _range(kind: type[Any]) -> dict[str, Any]:
    about, _, rest = inspect.cleandoc(kind.__doc__ or "").partition("\n\nArgs:\n")
    lines = rest.partition("\n\n")[0].split("\n")
    rows = [match.groups() for line in lines if (match := re.fullmatch(r"    ([\w, ]+): +(.+)", line))]
    assert len(rows) == len(lines), f"{kind.__name__}: an argument has more than its line"
    return {
        "name": kind.__name__,
        "signature": f"{kind.__name__}({_parameters(kind)})",
        "about": about,
        "arguments": [{"names": names.split(", "), "help": text} for names, text in rows],
    }


def _parameters(kind: type[Any]) -> str:
    """As one writes them: without types, and without defaults that stand for "not given"."""
    parts: list[str] = []
    for name, parameter in list(inspect.signature(kind.__init__).parameters.items())[1:]:
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in parts:
            parts.append("*")
        plain = isinstance(parameter.default, bool | None)
        optional = parameter.default is not parameter.empty
        parts.append(f"{name}={parameter.default if plain else '…'}" if optional else name)
    return ", ".join(parts)


if __name__ == "__main__":
    REFERENCE.write_text(written())
