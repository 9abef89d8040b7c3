"""hp.* of hyperopt: an expression, in which each random variable has a label.

A parameter is named by its label. Of an hp.choice between dicts, the choices are what names the dicts, a text
that each has as in {"type": "svm", ...}, else their places; what a dict holds exists beside its choice
alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from jupyter_tune.core.conditions import Condition
from jupyter_tune.core.parameters import Categorical, Float, Int, Parameter
from jupyter_tune.core.space import Space
from jupyter_tune.errors import SpaceError
from jupyter_tune.integrations.spaces.domains import library_of, refused, stepped


class Hyperopt:
    """Reads one expression."""

    def __init__(self) -> None:
        self._ranges: dict[str, Parameter] = {}
        self._when: dict[str, list[Condition]] = {}

    def read(self, expression: Any) -> Space:
        """Raises SpaceError naming the label."""
        self._walk(expression, [])
        return Space(self._ranges, when=self._when)

    def _walk(self, node: Any, where: list[Condition], *, whole: bool = False) -> None:
        """`whole`: what is drawn is made a whole number."""
        if isinstance(node, Mapping):
            for value in node.values():
                self._walk(value, where)
        elif isinstance(node, (list, tuple)):
            for value in node:
                self._walk(value, where)
        elif library_of(node) == "hyperopt":
            if node.name == "switch":
                self._choice(node, where)
            elif node.name == "hyperopt_param":
                drawn = _range_of(node)
                self._declare(node.pos_args[0].obj, _as_whole(drawn) if whole else drawn, where)
            else:
                whole = node.name == "int" or (whole and node.name == "float")
                for value in (*node.pos_args, *(value for _, value in node.named_args)):
                    self._walk(value, where, whole=whole)

    def _choice(self, node: Any, where: list[Condition]) -> None:
        chooser, *options = node.pos_args
        label = chooser.pos_args[0].obj
        if chooser.pos_args[1].name == "categorical":
            raise refused(label, "hp.pchoice, whose choices have probabilities,")
        choices = _named(options)
        self._declare(label, Categorical(choices), where)
        for option, choice in zip(options, choices, strict=True):
            self._walk(option, [*where, Condition(label, (choice,))])

    def _declare(self, label: str, parameter: Parameter, where: list[Condition]) -> None:
        if label in self._ranges:
            raise SpaceError(f"{label}: is the label of two parameters; rename one")
        self._ranges[label] = parameter
        if where:
            self._when[label] = list(where)


def _range_of(param: Any) -> Parameter:
    label, drawn = param.pos_args[0].obj, param.pos_args[1]
    given = [value.obj for value in drawn.pos_args]
    given += [value.obj for name, value in drawn.named_args if name in ("low", "high", "q", "upper")]
    match drawn.name, given:
        case "uniform", [low, high]:
            return Float(low, high)
        case "loguniform", [low, high]:
            return Float(math.exp(low), math.exp(high), log=True)
        case "quniform", [low, high, q]:
            return stepped(low, high, q)
        case "uniformint", [low, high, *_]:
            return Int(low, high)
        case "randint", [upper]:
            return Int(0, upper - 1)
        case "randint", [low, high]:
            return Int(low, high - 1)
    raise refused(label, f"hp.{drawn.name}")


def _as_whole(drawn: Parameter) -> Parameter:
    """The range of scope.int(...): that of its whole steps, if it has such."""
    steps = isinstance(drawn, Float) and drawn.step is not None and drawn.step.is_integer()
    if not isinstance(drawn, Float) or not steps:
        return drawn
    step = int(drawn.step or 1)
    return Int(int(drawn.low), int(drawn.high), step=None if step == 1 else step)


def _named(options: list[Any]) -> list[Any]:
    """The choices: plain values themselves, dicts by a text of theirs, anything else by its place."""
    plain = [_plain(each) for each in options]
    if all(is_plain for is_plain, _ in plain):
        return [value for _, value in plain]
    entries = [_texts(each) for each in options]
    for key in entries[0]:
        names = [each.get(key) for each in entries]
        if None not in names and len(set(names)) == len(names):
            return names
    return list(range(len(options)))


def _plain(node: Any) -> tuple[bool, Any]:
    if node.name == "literal":
        return True, node.obj
    return False, None


def _texts(node: Any) -> dict[str, str]:
    """The entries of a dict that are texts."""
    entries = {}
    if node.name == "dict":
        for key, value in node.named_args:
            is_plain, found = _plain(value)
            if is_plain and isinstance(found, str):
                entries[key] = found
    return entries
