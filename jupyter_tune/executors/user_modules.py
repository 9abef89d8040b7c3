"""The user's own modules, as their files are when a study starts: later edits do not reach its trials.

A module is the user's own if the notebook has loaded it from a source file outside the standard library
and outside site-packages; so one that is installed for development is, too. Their sources travel, and
trials import them from there. All other modules are imported as everywhere.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import sysconfig
import types
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from jupyter_tune.executors.patches import Patches, Place, of_module, of_packages

Sources: TypeAlias = dict[str, tuple[str, bytes]]
"""Module -> its file and its source."""

_STANDARD = tuple(sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib"))
_INSTALLED = {"site-packages", "dist-packages"}
_OURS = __name__.partition(".")[0]


def sources() -> tuple[Sources, dict[Place, Any], list[str]]:
    """The sources of the user's modules; what the notebook may have changed in modules since their import
    (patches.py); and a sentence for each file that was edited since then."""
    found: Sources = {}
    changed: dict[Place, Any] = {}
    notices = []
    for name, module in list(sys.modules.items()):
        path = _file_of(name, module)
        if path is None:
            continue
        try:
            source = Path(path).read_bytes()
            code = compile(source, path, "exec", dont_inherit=True)
        except (OSError, SyntaxError, ValueError):
            continue  # trials import what they find, and say so themselves if they cannot
        found[name] = (path, source)
        known = set(_codes(code))
        changed |= of_module(module, lambda function, known=known: function.__code__ in known)  # type: ignore[misc]
        if any(function.__code__ not in known for function in _functions(module, path)):
            notices.append(
                f"{name}: {Path(path).name} was edited after the notebook imported it; trials run the file "
                "as it is now; reload the module to have the same in the notebook"
            )
    return found, changed | of_packages(found), notices


def _file_of(name: str, module: object) -> str | None:
    loader = getattr(getattr(module, "__spec__", None), "loader", None)
    path = getattr(module, "__file__", None)
    if type(loader) is not importlib.machinery.SourceFileLoader or not isinstance(path, str):
        return None
    installed = path.startswith(_STANDARD) or _INSTALLED & set(Path(path).parts)
    return None if installed or name.partition(".")[0] in (_OURS, "__main__") else os.path.abspath(path)


def _functions(module: object, path: str) -> Iterator[types.FunctionType]:
    for value in list(vars(module).values()):
        members = vars(value).values() if isinstance(value, type) else (value,)
        for member in members:
            if (
                isinstance(member, types.FunctionType)
                and os.path.abspath(member.__code__.co_filename) == path
            ):
                yield member


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def serve(found: Sources, patches: Patches) -> None:
    """From now on this process imports these modules from these sources, and `patches` is told of each
    module that it awaits."""
    sys.meta_path.insert(0, _Finder(found, patches))


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, found: Sources, patches: Patches):
        self._found = found
        self._patches = patches

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: types.ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname in self._found:
            file, source = self._found[fullname]
            loader = _Loader(fullname, file, source)
            spec = importlib.util.spec_from_file_location(fullname, file, loader=loader)
        elif self._patches.awaits(fullname):
            others = (finder for finder in sys.meta_path if finder is not self)
            specs = (finder.find_spec(fullname, path, target) for finder in others)
            spec = next((spec for spec in specs if spec is not None), None)
        else:
            return None
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            self._watch(spec.loader)
        return spec

    def _watch(self, loader: importlib.machinery.SourceFileLoader) -> None:
        execute = loader.exec_module

        def exec_module(module: types.ModuleType) -> None:
            execute(module)
            self._patches.loaded(module.__name__)

        loader.exec_module = exec_module  # type: ignore[method-assign]


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads from the source in memory; neither the file nor a compiled copy of it is read."""

    def __init__(self, name: str, path: str, source: bytes):
        super().__init__(name, path)
        self._source = source

    def get_data(self, path: str) -> bytes:
        return self._source if path == self.path else super().get_data(path)

    def path_stats(self, path: str) -> Mapping[str, float]:
        raise OSError(f"{path}: not looked at")
