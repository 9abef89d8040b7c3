"""Sends what the notebook has changed in modules to the trials, which import those modules anew.

    modules of the user's own      constants and other objects, also of classes; functions and classes from
                                   the notebook or from another module
    packages that the notebook     functions and classes from the notebook; numbers and strings of modules
    uses                           that a variable of the notebook names

The kernel does not know the original state of a module. So it sends the current values, and the trial
compares them with its own import and sets only those that differ. A value that cannot be pickled or is
large is sent as NotSent; then the trial can only report the difference.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator, Mapping
from enum import EnumMeta
from typing import Any, TypeAlias

from jupyter_tune.payload.dependencies import is_main, notebook_globals
from jupyter_tune.payload.notebook_builtins import is_from_front_end
from jupyter_tune.payload.sameness import DEPTH, MISSING, PLAIN, NotSent, is_same

LIMIT = 10_000_000
"""Largest size of a pickled value in bytes."""

Place: TypeAlias = tuple[str, str]
"""(module, name in it); the name is "SCALE", or "Model.rate" for an attribute of a class."""

_CONTAINERS = (list, tuple, dict, set, frozenset)
_SETTINGS = {"builtins", "sys", "warnings"}
"""Modules whose state is inherited in other ways (settings/) or belongs to the process."""
_WRAPPERS = (staticmethod, classmethod, property)
_SHOWN = 60


# in the kernel


def changes_in_module(
    module: types.ModuleType,
    native: Callable[[types.FunctionType], bool],
    bound: Mapping[str, tuple[str, str]] | None = None,
) -> dict[Place, Any]:
    """Values that may differ from those of a fresh import of `module`, one of the user's own.

    Args:
        native: whether the code of a function comes from the module's file.
        bound:  the names that the module has by an import from a library: name -> (library, name in it).
    """
    name = module.__name__
    found: dict[Place, Any] = {}
    for key, value in list(vars(module).items()):
        if key.startswith("__") or is_from_front_end(value):
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
        elif not _is_still(value, (bound or {}).get(key)):
            found[name, key] = value
    return found


def _is_still(value: object, origin: tuple[str, str] | None) -> bool:
    """Whether `value` is what the library has at `origin`. Its state is the library's, such as a random
    generator in it, and differs in each process."""
    if origin is None:
        return False
    library, name = origin
    return vars(sys.modules[library]).get(name, MISSING) is value if library in sys.modules else False


def _is_called(function: types.FunctionType, name: str) -> bool:
    return function.__name__ in (name, "<lambda>") or "<locals>" in function.__qualname__


def _members(cls: type, native: Callable[[types.FunctionType], bool]) -> Iterator[tuple[str, Any]]:
    for name, value in list(vars(cls).items()):
        functions = list(_functions_in(value))
        if functions:
            if any(not native(each) and _is_defined_in_notebook(each) for each in functions):
                yield name, value
        elif not name.startswith("__") and isinstance(value, (*PLAIN, *_CONTAINERS)) and _is_plain(value):
            yield name, value


def _is_plain(value: Any, depth: int = DEPTH) -> bool:
    if isinstance(value, dict):
        return depth > 0 and all(_is_plain(each, depth - 1) for pair in value.items() for each in pair)
    if isinstance(value, _CONTAINERS):
        return depth > 0 and all(_is_plain(each, depth - 1) for each in value)
    return isinstance(value, PLAIN)


def _functions_in(value: object) -> Iterator[types.FunctionType]:
    parts = (value.fget, value.fset, value.fdel) if isinstance(value, property) else (value,)
    for part in parts:
        inner = part.__func__ if isinstance(part, (staticmethod, classmethod)) else part
        if type(inner) is types.FunctionType:
            yield inner


def _is_defined_in_notebook(value: object) -> bool:
    if isinstance(value, types.FunctionType):
        return value.__globals__ is notebook_globals() and not is_from_front_end(value)
    return isinstance(value, type) and is_main(type.__getattribute__(value, "__module__"))


def is_from_notebook(value: object) -> bool:
    """Whether `value`, or a function inside it, is defined in the notebook; no import can produce it."""
    return any(map(_is_defined_in_notebook, _functions_in(value))) or _is_defined_in_notebook(value)


def changes_in_packages(own: Mapping[str, Any]) -> dict[Place, Any]:
    """Values that the notebook has put into installed packages. `own`: the user's modules, left out."""
    named = {id(value) for value in notebook_globals().values() if isinstance(value, types.ModuleType)}
    roots = {root for value in list(notebook_globals().values()) if (root := _package_of(value))}
    found: dict[Place, Any] = {}
    for name, module in list(sys.modules.items()):
        root = name.partition(".")[0]
        if (
            name in own
            or name in _SETTINGS
            or is_main(name)
            or root not in roots
            or type(module) is not types.ModuleType
        ):
            continue
        for key, value in list(vars(module).items()):
            if type(value) is types.FunctionType:
                if _is_defined_in_notebook(value):
                    found[name, key] = value
            # type(), not isinstance: torch's deprecated names warn when their __class__ is read
            elif issubclass(type(value), type):
                home = type.__getattribute__(value, "__module__")
                if is_main(home):
                    found[name, key] = value
                elif home == name:
                    found |= _patched(name, key, value)
            elif id(module) in named and type(value) in PLAIN and not key.startswith("_"):
                found[name, key] = value
    return found


def _patched(module: str, key: str, cls: type) -> dict[Place, Any]:
    main = notebook_globals()
    found: dict[Place, Any] = {}
    # cheapest test first: there are about 100,000 members, and hardly one is from the notebook
    for member, value in list(vars(cls).items()):
        kind = type(value)
        if kind is types.FunctionType:
            if value.__globals__ is main and is_from_notebook(value):
                found[module, f"{key}.{member}"] = value
        elif kind in _WRAPPERS and is_from_notebook(value):
            found[module, f"{key}.{member}"] = value
    return found


def _package_of(value: object) -> str | None:
    if isinstance(value, types.ModuleType):
        home: object = value.__name__
    elif isinstance(value, (type, types.FunctionType)) and not is_from_front_end(value):
        home = value.__module__
    else:
        return None
    root = home.partition(".")[0] if isinstance(home, str) else None
    return None if root in ("jupyter_tune", "IPython", "ipykernel") else root


# in a trial


class Patches:
    """Values to set in modules, at once if a module is loaded, otherwise when it is.

    `differences`: the differences found so far, a sentence each.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, list[tuple[str, Any]]] = {}
        self.differences: list[str] = []

    def add(self, place: Place, value: Any) -> None:
        """Set `value` at `place`, when `apply` is called or the module is loaded."""
        module, path = place
        self._waiting.setdefault(module, []).append((path, value))

    def is_waiting_for(self, name: str) -> bool:
        """Whether there are values for the module `name`."""
        return name in self._waiting

    def apply(self) -> None:
        """Set the values of modules that are loaded already."""
        for name in list(self._waiting):
            self.loaded(name)

    def loaded(self, name: str) -> None:
        """Set the values of the module `name` if it is loaded."""
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
        made = vars(owner).get(name, MISSING)
        if is_same(value, made):
            return
        where = f"{module.__name__}.{path}"
        imported = f"its import in a trial {'lacks it' if made is MISSING else f'gives {_shown(made)}'}"
        if isinstance(value, NotSent):
            self.differences.append(
                f"{where}: the notebook's {value.kind} is not sent ({value.why}); {imported}"
            )
            return
        setattr(owner, name, value)
        if _is_reordered(value, made):
            return
        self.differences.append(f"{where}: trials use the notebook's value, {_shown(value)}; {imported}")


def _is_reordered(value: object, made: object) -> bool:
    """Whether they are texts of the same characters.

    One that a module makes from a set, as `tokenize` does, has another order in each process.
    """
    return isinstance(value, str) and isinstance(made, str) and sorted(value) == sorted(made)


def _shown(value: object) -> str:
    if isinstance(value, (types.FunctionType, type)):
        return f"{value.__module__}.{value.__qualname__}"
    try:
        text = repr(value)
    except Exception:
        text = f"a {type(value).__qualname__}"
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
