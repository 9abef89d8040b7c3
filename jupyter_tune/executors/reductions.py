"""Objects that pickle would send by a name that no trial knows, and how they travel instead.

lru_cache, cache      wrapped anew in the trial, with an empty cache
singledispatch        a new dispatcher over the same functions
cached_property       without the lock that it has before Python 3.12
NewType and others    whose `__reduce__` gives their name in the notebook: by value
dataclasses.MISSING   and its like: the trial's own, for they are compared by identity
ContextVar            a new one of that name, with its value
sys.stdout, stderr    the trial's own
"""

from __future__ import annotations

import contextvars
import dataclasses
import functools
import io
import pickle
import sys
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

_SENTINELS = {
    id(getattr(dataclasses, name)): name
    for name in ("MISSING", "KW_ONLY", "_HAS_DEFAULT_FACTORY")
    if hasattr(dataclasses, name)
}
_STREAMS = ("stdout", "stderr", "stdin")


def reduction(obj: Any) -> tuple[Any, ...] | None:
    """How `obj` is to be pickled, as `__reduce_ex__` says it; None for pickle's own way.

    Raises: PicklingError if it would load as something else, or not at all.
    """
    if (stream := next((name for name in _STREAMS if obj is getattr(sys, name, None)), None)) is not None:
        return getattr, (sys, stream)
    if isinstance(obj, io.TextIOWrapper):
        # cloudpickle would copy the text, and a trial would read something that is no file
        raise pickle.PicklingError(f"cannot pickle the open file {getattr(obj, 'name', obj)!r}")
    if id(obj) in _SENTINELS:
        return getattr, (dataclasses, _SENTINELS[id(obj)])
    if type(obj) in _BY_TYPE:
        return _BY_TYPE[type(obj)](obj)
    if isinstance(obj, types.FunctionType):
        return _singledispatch(obj) if _is_singledispatch(obj) else None
    if isinstance(getattr(type(obj), "__reduce__", None), types.FunctionType):
        return _by_name(obj)
    return None


def _lru_cache(cached: Any) -> tuple[Any, ...] | None:
    if not _is_of_the_notebook(cached, getattr(cached, "__qualname__", "")):
        return None
    parameters = cached.cache_parameters()
    return _rebuild_lru_cache, (cached.__wrapped__, parameters["maxsize"], parameters["typed"])


def _rebuild_lru_cache(function: Callable[..., Any], maxsize: int | None, typed: bool) -> Any:
    return functools.lru_cache(maxsize, typed)(function)


def _cached_property(prop: Any) -> tuple[Any, ...]:
    state = {name: value for name, value in vars(prop).items() if name != "lock"}
    return functools.cached_property, (prop.func,), state


def _context_var(variable: contextvars.ContextVar[Any]) -> tuple[Any, ...]:
    try:
        return _rebuild_context_var, (variable.name, (variable.get(),))
    except LookupError:
        return _rebuild_context_var, (variable.name, ())


def _rebuild_context_var(name: str, values: tuple[Any, ...]) -> contextvars.ContextVar[Any]:
    variable: contextvars.ContextVar[Any] = contextvars.ContextVar(name)
    for value in values:
        variable.set(value)
    return variable


def _type_variable(variable: Any) -> tuple[Any, ...] | None:
    if not _is_of_the_notebook(variable, variable.__name__):
        return None
    return type(variable), (variable.__name__,)


def _is_singledispatch(function: types.FunctionType) -> bool:
    registry = getattr(function, "registry", None)
    return isinstance(registry, Mapping) and function.__code__.co_filename == functools.__file__


def _singledispatch(function: Any) -> tuple[Any, ...] | None:
    if not _is_of_the_notebook(function, function.__qualname__):
        return None
    return _rebuild_singledispatch, (list(function.registry.items()),)


def _rebuild_singledispatch(registry: list[tuple[type, Callable[..., Any]]]) -> Any:
    functions = dict(registry)
    dispatcher = functools.singledispatch(functions.pop(object))
    for kind, function in functions.items():
        dispatcher.register(kind, function)
    return dispatcher


def _by_name(obj: Any) -> tuple[Any, ...] | None:
    """By value, if its `__reduce__` gives a name that is to be looked up in the notebook."""
    name = obj.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
    if not isinstance(name, str) or not _is_of_the_notebook(obj, name):
        return None
    if not hasattr(obj, "__dict__"):
        raise pickle.PicklingError(
            f"its __reduce__ gives the name {name!r}, which no trial can look up in the notebook"
        )
    return _bare, (type(obj),), dict(vars(obj)), None, None, _set_state


def _bare(kind: type) -> Any:
    return object.__new__(kind)


def _set_state(obj: Any, state: dict[str, Any]) -> None:
    # past any __setattr__ or __setstate__: this is the state, as it was
    vars(obj).update(state)


def _is_of_the_notebook(obj: Any, name: str) -> bool:
    """Whether pickle would look `obj` up by `name` where trials have nothing of that name."""
    module = getattr(obj, "__module__", None) or pickle.whichmodule(obj, name)  # type: ignore[attr-defined]  # not in typeshed
    if module == "__main__" or module not in sys.modules:
        return True
    found: Any = sys.modules[module]
    for part in name.split("."):
        found = getattr(found, part, None)
    # made inside a function, or put in the place of what the module has
    return found is not obj


_BY_TYPE: dict[type, Callable[[Any], tuple[Any, ...] | None]] = {
    functools._lru_cache_wrapper: _lru_cache,
    functools.cached_property: _cached_property,
    contextvars.ContextVar: _context_var,
    typing.ParamSpec: _type_variable,
    typing.TypeVarTuple: _type_variable,
}
