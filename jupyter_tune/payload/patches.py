"""What the notebook has changed in modules, which trials import anew: it travels, and is put back there.

    of the user's own modules      constants and other objects, also of their classes; functions and classes
                                   that are another module's, or the notebook's
    of any package that the        functions and classes of the notebook; numbers and texts of the modules
    notebook uses                  that it has a name for

The kernel cannot know what a module was before. So it sends what it has, and the trial compares: what its
own import made too stays as it is there, and only the rest is set. What cannot be pickled, or is large, is
sent as a Stays: the trial can then only say that it has another.
"""

from __future__ import annotations

import math
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import EnumMeta
from typing import Any, TypeAlias

from jupyter_tune.payload.notebook_builtins import is_of_the_front_end
from jupyter_tune.payload.travellers import notebook_globals

LIMIT = 10_000_000
"""Bytes of one object that may travel this way."""

Place: TypeAlias = tuple[str, str]
"""Module, and name in it: "SCALE", or "Model.rate" of a class."""

_PLAIN = (bool, int, float, complex, str, bytes, type(None))
_CONTAINERS = (list, tuple, dict, set, frozenset)
_SETTINGS = {"builtins", "sys", "warnings", "__main__", "__mp_main__"}
"""Modules whose state is inherited in other ways, or is the process's own."""
_WRAPPERS = (staticmethod, classmethod, property)
_DEPTH = 20
_SHOWN = 60
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Stays:
    """Stands for a value that does not travel, by its type's name and its length; and why it does not."""

    kind: str
    length: int | None
    why: str


def stays(value: object, why: str) -> Stays:
    """What travels in place of `value`."""
    try:
        length = len(value)  # type: ignore[arg-type]
    except Exception:
        length = None
    return Stays(type(value).__qualname__, length, why)


# in the kernel


def of_module(module: types.ModuleType, native: Callable[[types.FunctionType], bool]) -> dict[Place, Any]:
    """What may have been changed in a module of the user's own.

    Args: native: whether a function's code is in the module's file.
    """
    name = module.__name__
    found: dict[Place, Any] = {}
    for key, value in list(vars(module).items()):
        if key.startswith("__") or is_of_the_front_end(value):
            continue
        if isinstance(value, types.ModuleType):
            # a submodule is set by its import
            if not value.__name__.startswith(f"{name}.") and sys.modules.get(value.__name__) is value:
                found[name, key] = value
        elif isinstance(value, types.FunctionType):
            if not (_is_called(value, key) and (native(value) or value.__module__ == name)):
                found[name, key] = value
        elif isinstance(value, type) and value.__module__ == name:
            if value.__qualname__ != key and "<locals>" not in value.__qualname__:
                found[name, key] = value
            elif not isinstance(value, EnumMeta):
                found |= {(name, f"{key}.{member}"): each for member, each in _members(value, native)}
        else:
            found[name, key] = value
    return found


def _is_called(function: types.FunctionType, name: str) -> bool:
    return function.__name__ in (name, "<lambda>") or "<locals>" in function.__qualname__


def _members(cls: type, native: Callable[[types.FunctionType], bool]) -> Iterator[tuple[str, Any]]:
    for name, value in list(vars(cls).items()):
        functions = list(_functions_in(value))
        if functions:
            if any(not native(each) and _is_the_notebook_s(each) for each in functions):
                yield name, value
        elif not name.startswith("__") and isinstance(value, (*_PLAIN, *_CONTAINERS)) and _is_plain(value):
            yield name, value


def _is_plain(value: Any, depth: int = _DEPTH) -> bool:
    if isinstance(value, dict):
        return depth > 0 and all(_is_plain(each, depth - 1) for pair in value.items() for each in pair)
    if isinstance(value, _CONTAINERS):
        return depth > 0 and all(_is_plain(each, depth - 1) for each in value)
    return isinstance(value, _PLAIN)


def _functions_in(value: object) -> Iterator[types.FunctionType]:
    parts = (value.fget, value.fset, value.fdel) if isinstance(value, property) else (value,)
    for part in parts:
        inner = part.__func__ if isinstance(part, (staticmethod, classmethod)) else part
        if type(inner) is types.FunctionType:
            yield inner


def _is_the_notebook_s(value: object) -> bool:
    if isinstance(value, types.FunctionType):
        return value.__globals__ is notebook_globals() and not is_of_the_front_end(value)
    return isinstance(value, type) and type.__getattribute__(value, "__module__") == "__main__"


def is_certain(value: object) -> bool:
    """Whether no import can have put `value` where it is: it is the notebook's."""
    return any(map(_is_the_notebook_s, _functions_in(value))) or _is_the_notebook_s(value)


def of_packages(own: Mapping[str, Any]) -> dict[Place, Any]:
    """What the notebook has put into modules that are not the user's `own`."""
    named = {id(value) for value in notebook_globals().values() if isinstance(value, types.ModuleType)}
    roots = {root for value in list(notebook_globals().values()) if (root := _package_of(value))}
    found: dict[Place, Any] = {}
    for name, module in list(sys.modules.items()):
        root = name.partition(".")[0]
        if name in own or name in _SETTINGS or root not in roots or type(module) is not types.ModuleType:
            continue
        for key, value in list(vars(module).items()):
            if type(value) is types.FunctionType:
                if _is_the_notebook_s(value):
                    found[name, key] = value
            # by type only: a deprecated name of torch warns when it is asked for its class
            elif issubclass(type(value), type):
                home = type.__getattribute__(value, "__module__")
                if home == "__main__":
                    found[name, key] = value
                elif home == name:
                    found |= _patched(name, key, value)
            elif id(module) in named and type(value) in _PLAIN and not key.startswith("_"):
                found[name, key] = value
    return found


def _patched(module: str, key: str, cls: type) -> dict[Place, Any]:
    main = notebook_globals()
    found: dict[Place, Any] = {}
    # of a hundred thousand members hardly one is the notebook's: the cheapest question first
    for member, value in list(vars(cls).items()):
        kind = type(value)
        if kind is types.FunctionType:
            if value.__globals__ is main and is_certain(value):
                found[module, f"{key}.{member}"] = value
        elif kind in _WRAPPERS and is_certain(value):
            found[module, f"{key}.{member}"] = value
    return found


def _package_of(value: object) -> str | None:
    if isinstance(value, types.ModuleType):
        home: object = value.__name__
    elif isinstance(value, (type, types.FunctionType)) and not is_of_the_front_end(value):
        home = value.__module__
    else:
        return None
    root = home.partition(".")[0] if isinstance(home, str) else None
    return None if root in ("jupyter_tune", "IPython", "ipykernel") else root


# in a trial


class Patches:
    """What is to be put back into modules: at once where they are loaded, else when they are.

    `differences`: a sentence for each difference found so far.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, list[tuple[str, Any]]] = {}
        self.differences: list[str] = []

    def add(self, place: Place, value: Any) -> None:
        """Have `value` at `place` from now on."""
        module, path = place
        self._waiting.setdefault(module, []).append((path, value))

    def awaits(self, name: str) -> bool:
        """Whether something is to be put into the module `name` once it is loaded."""
        return name in self._waiting

    def apply(self) -> None:
        """Put in place what belongs to modules that are loaded already."""
        for name in list(self._waiting):
            self.loaded(name)

    def loaded(self, name: str) -> None:
        """The module `name` has been loaded, if it has."""
        module = sys.modules.get(name)
        if module is not None:
            for path, value in self._waiting.pop(name, []):
                self._put(module, path, value)

    def _put(self, module: types.ModuleType, path: str, value: Any) -> None:
        *owners, name = path.split(".")
        owner: Any = module
        for each in owners:
            owner = getattr(owner, each, None)
        if owner is None:
            return
        made = vars(owner).get(name, _MISSING)
        if _same(value, made):
            return
        where = f"{module.__name__}.{path}"
        imported = f"its import in a trial {'lacks it' if made is _MISSING else f'gives {_shown(made)}'}"
        if isinstance(value, Stays):
            self.differences.append(
                f"{where}: the notebook has a {value.kind}, which stays there ({value.why}); {imported}"
            )
            return
        setattr(owner, name, value)
        self.differences.append(f"{where}: trials have the notebook's, {_shown(value)}; {imported}")


def _shown(value: object) -> str:
    if isinstance(value, (types.FunctionType, type)):
        return f"{value.__module__}.{value.__qualname__}"
    try:
        text = repr(value)
    except Exception:
        text = f"a {type(value).__qualname__}"
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _same(sent: Any, made: Any, depth: int = _DEPTH) -> bool:
    """Whether what the notebook has is what the import made here; where that is unknown, it is."""
    if sent is made or depth == 0:
        return True
    if isinstance(sent, Stays):
        return made is not _MISSING and stays(made, sent.why) == sent
    if type(sent) is not type(made):
        return False
    if isinstance(sent, (staticmethod, classmethod, types.MethodType)):
        ours, theirs = ([each.__func__, getattr(each, "__self__", None)] for each in (sent, made))
        return _same(ours, theirs, depth - 1)
    if isinstance(sent, property):
        ours, theirs = ([each.fget, each.fset, each.fdel] for each in (sent, made))
        return _same(ours, theirs, depth - 1)
    if isinstance(sent, types.FunctionType):
        ours, theirs = (
            [each.__module__, each.__defaults__, [cell.cell_contents for cell in each.__closure__ or ()]]
            for each in (sent, made)
        )
        return sent.__code__ == made.__code__ and _same(ours, theirs, depth - 1)
    if isinstance(sent, type):
        return (sent.__module__, sent.__qualname__) == (made.__module__, made.__qualname__)
    if isinstance(sent, types.ModuleType):
        return False
    if isinstance(sent, float):
        return sent == made or (math.isnan(sent) and math.isnan(made))
    if isinstance(sent, dict):
        return list(sent) == list(made) and all(_same(sent[key], made[key], depth - 1) for key in sent)
    if isinstance(sent, (list, tuple)):
        pairs = zip(sent, made, strict=False)
        return len(sent) == len(made) and all(_same(a, b, depth - 1) for a, b in pairs)
    if isinstance(sent, _PLAIN):
        return bool(sent == made)
    if isinstance(sent, (set, frozenset)):
        # a NaN is not equal to another
        return sent == made or sorted(map(repr, sent)) == sorted(map(repr, made))
    return _same_state(sent, made, depth)


def _same_state(sent: Any, made: Any, depth: int) -> bool:
    """Of two objects of one type."""
    try:
        state, other = (each.__reduce_ex__(4) for each in (sent, made))
    except Exception:
        return True
    if isinstance(state, str) or isinstance(other, str):
        return bool(state == other)
    # the function that makes it, its arguments, its state; items as they come
    parts = [list(each) if hasattr(each, "__next__") else each for each in state[1:5]]
    others = [list(each) if hasattr(each, "__next__") else each for each in other[1:5]]
    return _same(parts, others, depth - 1)
