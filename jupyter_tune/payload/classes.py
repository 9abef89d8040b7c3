"""Pickles classes of the notebook so that a trial gets them as they are, without running their hooks again.

The hooks that ran in the notebook (`__init_subclass__`, the metaclass, `__set_name__`) have left their
results in registries, counters and attributes, which are sent too. So a trial first creates a bare class,
without the hooks of the notebook's own classes and metaclasses, and then sets its attributes. Hooks of
libraries do run, because their results are in the library, which a trial imports anew.

Sent with a class is what the notebook has registered for it in `copyreg` and in the abstract base classes of
libraries (`numbers.Number.register`). Slots stay slots, and members of enums keep the state that their
`__new__` or `__init__` gave them.
"""

from __future__ import annotations

import abc
import contextlib
import copyreg
import enum
import functools
import sys
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import cloudpickle.cloudpickle as pickling

from jupyter_tune.payload.dependencies import is_main

_made: dict[int, type] = {}
"""Classes recreated in this process, by id; the references keep the ids unique."""


def reduce_class(cls: type, reduced: Any) -> Any:
    """The reduction of `cls`, made from cloudpickle's own, `reduced`."""
    if not isinstance(reduced, tuple):
        return reduced
    if reduced[0] is pickling._make_skeleton_enum:
        if not _can_be_bare(cls):
            return reduced
        # with its members, as EnumMeta has made them
        reduced = (None, pickling._class_getnewargs(cls), pickling._class_getstate(cls))
    elif reduced[0] is not pickling._make_skeleton_class:
        return reduced
    kind, name, bases, namespace, tracker, _ = reduced[1]
    if not typing.is_typeddict(cls):
        # __orig_bases__ would run __mro_entries__ again
        bases = cls.__bases__
        namespace |= {key: value for key, value in vars(cls).items() if key == "__orig_bases__"}
    namespace["__qualname__"] = cls.__qualname__
    attributes, _ = reduced[2]
    members = vars(cls)
    if "__slots__" in members:
        # from the class itself: __slots__ may be an exhausted iterator
        slots = [key for key, value in members.items() if isinstance(value, types.MemberDescriptorType)]
        namespace["__slots__"] = (*slots, *(key for key in ("__dict__", "__weakref__") if key in members))
        for key in slots:
            attributes.pop(key, None)
    registered = copyreg.dispatch_table.get(cls), _virtual_bases(abc.get_cache_token()).get(cls, [])
    return _bare, (kind, name, bases, namespace, tracker), (attributes, registered), None, None, _fill


def reduce_enum_member(member: enum.Enum) -> tuple[Any, ...] | None:
    """The reduction of a member of a notebook's enum; None for pickle's own.

    pickle looks the member up by value, which needs the complete class and loses the state that
    `__init__` or `__new__` gave it.
    """
    data = _data_type(type(member))
    if not _can_be_bare(type(member)):
        return None
    args = data.__getnewargs__(member) if hasattr(data, "__getnewargs__") else ()
    made_of = (type(member), data, member._name_, *args)
    return _bare_member, made_of, dict(vars(member)), None, None, _fill_member


def _data_type(cls: type) -> Any:
    """The data type of an enum's members: str for a (str, Enum), object for a plain one."""
    return vars(cls)["_member_type_"]


def _can_be_bare(cls: type) -> bool:
    """Whether members can be created without calling the enum's own `__new__`."""
    data = _data_type(cls)
    return hasattr(data, "__getnewargs__") or data.__new__ is object.__new__


def _bare_member(cls: type, data: Any, name: str | None, *args: Any) -> Any:
    # a complete class has it already
    known = vars(cls).get("_member_map_", {}).get(name)
    return data.__new__(cls, *args) if known is None else known


def _fill_member(member: enum.Enum, state: dict[str, Any]) -> None:
    vars(member).update(state)


def _bare(kind: type, name: str, bases: tuple[Any, ...], namespace: dict[str, Any], tracker: str) -> type:
    """The class without its attributes."""
    with _without_hooks(bases):
        if id(kind) in _made or issubclass(kind, enum.EnumMeta):
            makers = [each for each in kind.__mro__ if id(each) not in _made]
            maker = type if issubclass(kind, enum.EnumMeta) else makers[0]
            made: type = maker.__new__(kind, name, bases, namespace)
        else:
            made = types.new_class(name, bases, {"metaclass": kind}, lambda space: space.update(namespace))
    _made[id(made)] = made
    known: type = pickling._lookup_class_or_track(tracker, made)
    return known


@contextlib.contextmanager
def _without_hooks(bases: tuple[Any, ...]) -> Iterator[None]:
    """Disable `__init_subclass__` of the notebook's classes."""
    hook = "__init_subclass__"
    classes = {each for base in bases for each in getattr(base, "__mro__", ()) if id(each) in _made}
    hooks = {each: vars(each)[hook] for each in classes if hook in vars(each)}
    for each in hooks:
        type.__setattr__(each, hook, classmethod(_nothing))
    try:
        yield
    finally:
        for each, own in hooks.items():
            type.__setattr__(each, hook, own)


def _nothing(cls: type, /, **options: object) -> None:
    """Replaces a hook that has run in the notebook."""


@functools.lru_cache(1)
def _virtual_bases(token: object) -> Mapping[type, list[type]]:
    """Class -> abstract base classes of libraries that it is registered with.

    Args: token: abc's cache token, which changes with every registration.
    """
    found: WeakKeyDictionary[type, list[type]] = WeakKeyDictionary()
    for base in _abstract_classes():
        home = sys.modules.get(base.__module__)
        if not is_main(base.__module__) and getattr(home, base.__qualname__, None) is base:
            for reference in abc._get_dump(base)[0]:  # type: ignore[attr-defined]  # not in typeshed
                if (registered := reference()) is not None:
                    found.setdefault(registered, []).append(base)
    return found


def _abstract_classes() -> set[type]:
    """All abstract base classes of this process."""
    found: set[type] = set()
    waiting = [each for each in type.__subclasses__(object) if isinstance(each, abc.ABCMeta)]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += type.__subclasses__(each)
    return found


def _fill(cls: type, state: tuple[dict[str, Any], tuple[Any, list[Any]]]) -> None:
    attributes, (reducer, virtual_bases) = state
    subclasses = attributes.pop("_abc_impl", [])
    line = attributes.get("__firstlineno__")
    for key, value in attributes.items():
        if key != "__slots__" or key not in vars(cls):
            # bypass the metaclass's __setattr__
            type.__setattr__(cls, key, value)
    if line is not None:
        # setting any other attribute deletes it
        type.__setattr__(cls, "__firstlineno__", line)
    for each in subclasses:
        abc.ABCMeta.register(cls, each)  # type: ignore[arg-type]
    if reducer is not None:
        copyreg.pickle(cls, reducer)
    for base in virtual_bases:
        base.register(cls)
