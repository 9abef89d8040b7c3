"""Reductions for objects that pickle would send by a name that trials cannot look up.

lru_cache, cache      wrapped again in the trial, with an empty cache and the attributes set on it
singledispatch        a new dispatcher with the same functions and attributes
cached_property       without the lock that it has before Python 3.12
NewType and others    by value, if their `__reduce__` returns their name in the notebook
dataclasses.MISSING   and similar ones: the trial's own, because they are compared by identity
ContextVar            a new one with the same name and value
weak references       the trial keeps their targets alive (weak_references.py)
sys.stdout, stderr,   the trial's own
os.environ
"""

from __future__ import annotations

import contextvars
import dataclasses
import enum
import functools
import io
import os
import pickle
import sys
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

from jupyter_tune.payload import weak_references
from jupyter_tune.payload.dependencies import is_main

_SENTINELS = {
    id(getattr(dataclasses, name)): name
    for name in ("MISSING", "KW_ONLY", "_HAS_DEFAULT_FACTORY")
    if hasattr(dataclasses, name)
}
_STREAMS = ("stdout", "stderr", "stdin")


def reduction(obj: Any) -> tuple[Any, ...] | None:
    """The reduction of `obj`, in the form of `__reduce_ex__`; None for pickle's own.

    Raises: PicklingError if `obj` would load as something else, or not at all.
    """
    if (stream := next((name for name in _STREAMS if obj is getattr(sys, name, None)), None)) is not None:
        return getattr, (sys, stream)
    if obj is os.environ:
        return getattr, (os, "environ")
    if isinstance(obj, io.TextIOWrapper):
        # cloudpickle would copy the content into an object that is not a file
        raise pickle.PicklingError(f"cannot pickle the open file {getattr(obj, 'name', obj)!r}")
    if id(obj) in _SENTINELS:
        return getattr, (dataclasses, _SENTINELS[id(obj)])
    if type(obj) in _BY_TYPE:
        return _BY_TYPE[type(obj)](obj)
    if isinstance(obj, types.FunctionType):
        return _singledispatch(obj) if _is_singledispatch(obj) else None
    return _by_name(obj) if _may_reduce_to_name(type(obj)) else None


def _lru_cache(cached: Any) -> tuple[Any, ...] | None:
    if not is_unimportable(cached, getattr(cached, "__qualname__", "")):
        return None
    parameters = cached.cache_parameters()
    made_of = (cached.__wrapped__, parameters["maxsize"], parameters["typed"])
    return _rebuild_lru_cache, made_of, _attributes(cached, "cache_parameters"), None, None, _set_state


def _attributes(function: Any, *own: str) -> dict[str, Any]:
    """The attributes set on a wrapper, without `own`, which the wrapping creates."""
    return {name: value for name, value in vars(function).items() if name not in ("__wrapped__", *own)}


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
    if not is_unimportable(variable, variable.__name__):
        return None
    fields = ("bound", "covariant", "contravariant", "infer_variance")
    options = {name: getattr(variable, f"__{name}__") for name in fields if hasattr(variable, f"__{name}__")}
    if sys.version_info >= (3, 13) and variable.has_default():
        options["default"] = variable.__default__
    return _rebuild_type_variable, (type(variable), variable.__name__, variable.__module__, options)


def _rebuild_type_variable(kind: type, name: str, module: str, options: dict[str, Any]) -> Any:
    variable = kind(name, **options)
    variable.__module__ = module
    return variable


def _is_singledispatch(function: types.FunctionType) -> bool:
    registry = getattr(function, "registry", None)
    return isinstance(registry, Mapping) and function.__code__.co_filename == functools.__file__


def _singledispatch(function: Any) -> tuple[Any, ...] | None:
    if not is_unimportable(function, function.__qualname__):
        return None
    attributes = _attributes(function, "register", "dispatch", "registry", "_clear_cache")
    registry = list(function.registry.items())
    return _rebuild_singledispatch, (registry,), attributes, None, None, _set_state


def _rebuild_singledispatch(registry: list[tuple[type, Callable[..., Any]]]) -> Any:
    functions = dict(registry)
    dispatcher = functools.singledispatch(functions.pop(object))
    for kind, function in functions.items():
        dispatcher.register(kind, function)
    return dispatcher


def _may_reduce_to_name(kind: type) -> bool:
    """Whether objects of `kind` have a reduction written in Python."""
    if isinstance(getattr(kind, "__reduce__", None), types.FunctionType):
        return True
    # not a library's __reduce_ex__: it may copy the object, and its names are found in the library
    reduce_ex = getattr(kind, "__reduce_ex__", None)
    return isinstance(reduce_ex, types.FunctionType) and (
        is_main(kind.__module__) or is_main(reduce_ex.__module__)
    )


def _by_name(obj: Any) -> tuple[Any, ...] | None:
    """A reduction by value, if `__reduce_ex__` of `obj` returns a name in the notebook."""
    name = obj.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
    if not isinstance(name, str) or not is_unimportable(obj, name):
        return None
    if isinstance(obj, enum.Enum):
        return getattr, (type(obj), obj.name)  # of a global_enum
    if not hasattr(obj, "__dict__"):
        raise pickle.PicklingError(
            f"its __reduce__ gives the name {name!r}, which no trial can look up in the notebook"
        )
    return _bare, (type(obj),), dict(vars(obj)), None, None, _set_state


def _bare(kind: type) -> Any:
    return object.__new__(kind)


def _set_state(obj: Any, state: dict[str, Any]) -> None:
    # bypass __setattr__ and __setstate__
    vars(obj).update(state)


def is_unimportable(obj: Any, name: str) -> bool:
    """Whether trials cannot import `obj` by `name` from its module."""
    module = getattr(obj, "__module__", None) or pickle.whichmodule(obj, name)  # type: ignore[attr-defined]  # not in typeshed
    if is_main(module) or module not in sys.modules:
        return True
    found: Any = sys.modules[module]
    for part in name.split("."):
        found = getattr(found, part, None)
    # created inside a function, or it replaces the module's own object
    return found is not obj


_BY_TYPE: dict[type, Callable[[Any], tuple[Any, ...] | None]] = {
    functools._lru_cache_wrapper: _lru_cache,
    functools.cached_property: _cached_property,
    contextvars.ContextVar: _context_var,
    typing.ParamSpec: _type_variable,
    typing.TypeVarTuple: _type_variable,
    **weak_references.BY_TYPE,
}
