"""Short hashes of the code that is sent to the trials, by name, to find what changed between two starts.

    helper, Net.forward   a function of the notebook, by its qualified name
    Net                   the plain values in the body of a class: numbers, strings and so on
    module utils          a module of the user's own that the trials import
    train.py              a file that is a word of a command; a program on the PATH is none

`of_statements` hashes what a cell or a function itself executes. Comments, line numbers, file names and data
make no difference. Bytecode differs between versions of Python, so compare hashes of one version only.
"""

from __future__ import annotations

import hashlib
import inspect
import types
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from jupyter_tune.payload.imports import imports_in

Fingerprints: TypeAlias = dict[str, str]

_SCRIPT = 1 << 20
"""Bytes of a file that may be a script."""

_PLAIN = (int, float, complex, str, bytes, bool, type(None))


class SeenCode:
    """Collects the functions and classes that are pickled."""

    def __init__(self) -> None:
        self._found: dict[str, set[str]] = {}

    def add(self, obj: types.FunctionType | type) -> None:
        if isinstance(obj, types.FunctionType):
            defaults = (*(obj.__defaults__ or ()), *sorted((obj.__kwdefaults__ or {}).items()))
            self._note(obj.__qualname__, _of_code(obj.__code__), *map(_of_constant, defaults))
        else:
            plain = {key: value for key, value in vars(obj).items() if _is_plain(value)}
            for forgotten in ("__firstlineno__", "__static_attributes__", "__doc__", "__module__"):
                plain.pop(forgotten, None)
            self._note(obj.__qualname__, *sorted(f"{key}={value!r}" for key, value in plain.items()))

    def _note(self, name: str, *parts: str) -> None:
        self._found.setdefault(name, set()).add("\n".join(parts))

    def fingerprints(self) -> Fingerprints:
        return {name: _digest(sorted(texts)) for name, texts in sorted(self._found.items())}


def module_fingerprints(names: Iterable[str], sources: Mapping[str, tuple[str, bytes]]) -> Fingerprints:
    """Hashes of the modules in `sources` that `names` contains or that those import, directly or not."""
    found: Fingerprints = {}
    waiting = [*names]
    for name in waiting:
        if name in sources and (shown := f"module {name}") not in found:
            path, source = sources[name]
            try:
                code = compile(source, path, "exec", dont_inherit=True)
            except (SyntaxError, ValueError):
                found[shown] = _digest([source.decode(errors="replace")])
                continue
            found[shown] = _digest([_of_code(code)])
            waiting += imports_in(code, name if path.endswith("__init__.py") else name.rpartition(".")[0])
    return found


def script_fingerprints(words: Iterable[str]) -> Fingerprints:
    """Hashes of the files, none of them large, among the words of a command."""
    return {
        word: hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        for word in words
        if (path := Path(word)).is_file() and path.stat().st_size <= _SCRIPT
    }


def of_statements(code: types.CodeType) -> str:
    """The hash of what `code` executes."""
    return _digest([_of_code(code)])


def _of_code(code: types.CodeType) -> str:
    """A text for `code` that is the same in every process."""
    parts: list[Any] = [code.co_code.hex(), code.co_names, code.co_varnames, code.co_freevars, code.co_flags]
    first = 1 if _has_docstring(code) else 0
    return repr((*parts, [_of_constant(constant) for constant in code.co_consts[first:]]))


def _has_docstring(code: types.CodeType) -> bool:
    """Whether the first constant is documentation, and no text that the code computes with."""
    if not (code.co_consts and isinstance(code.co_consts[0], str)):
        return False
    if not code.co_flags & inspect.CO_NEWLOCALS:
        # a module assigns it first of all; of a class the first constant is its name
        return code.co_names[:1] == ("__doc__",)
    # from Python 3.14 on a function has a flag for it; before, None in its place, except in a <genexpr>
    flag = getattr(inspect, "CO_HAS_DOCSTRING", None)
    return not code.co_name.startswith("<") if flag is None else bool(code.co_flags & flag)


def _of_constant(value: object) -> str:
    if isinstance(value, types.CodeType):
        return _of_code(value)
    if isinstance(value, frozenset):
        return f"frozenset{sorted(map(_of_constant, value))}"
    if isinstance(value, tuple):
        return f"({', '.join(map(_of_constant, value))})"
    return repr(value) if isinstance(value, _PLAIN) else type(value).__qualname__


def _is_plain(value: object) -> bool:
    return type(value) in _PLAIN or (type(value) is tuple and all(map(_is_plain, value)))


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode(errors="surrogatepass")).hexdigest()[:16]
