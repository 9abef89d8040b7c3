"""The user's own modules, as their files are when a study starts: later edits do not reach its trials.

A module is the user's own if its source file lies outside the standard library and outside site-packages;
so one that is installed for development is, too. Those that the notebook has loaded, and those that the
code of the trials or another of these modules imports, travel as their sources, and trials import them
from there. All other modules are imported as everywhere.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import sysconfig
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from jupyter_tune.payload.imports import imports_in
from jupyter_tune.payload.patches import Patches, Place, of_module, of_packages
from jupyter_tune.payload.travellers import codes_in

Sources: TypeAlias = dict[str, tuple[str, bytes]]
"""Module -> its file and its source."""

_STANDARD = tuple(sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib"))
_INSTALLED = {"site-packages", "dist-packages"}
_OURS = __name__.partition(".")[0]


@dataclass(frozen=True, slots=True)
class OwnModules:
    """The user's own modules.

    loaded, unloaded: those that the notebook has imported, and those that only trials will.
    changed:          what the notebook may have changed in modules since their import (patches.py).
    notices:          a sentence for each file that was edited since then.
    """

    loaded: Sources
    unloaded: Sources
    changed: dict[Place, Any]
    notices: list[str]


def sources(imported: Iterable[str] = ()) -> OwnModules:
    """The user's own modules now. `imported`: what the code of the trials imports."""
    found: Sources = {}
    changed: dict[Place, Any] = {}
    notices = []
    wanted = {*imported}
    for name, module in list(sys.modules.items()):
        path = _own_file(name, getattr(module, "__spec__", None), getattr(module, "__file__", None))
        read = None if path is None else _read(path)
        if path is None or read is None:
            continue
        source, code = read
        found[name] = (path, source)
        wanted.update(imports_in(code, _package(name, path)))
        known = set(codes_in(code))
        changed |= of_module(module, lambda function, known=known: function.__code__ in known)  # type: ignore[misc]
        if any(function.__code__ not in known for function in _functions(module, path)):
            notices.append(
                f"{name}: {Path(path).name} was edited after the notebook imported it; trials run the file "
                "as it is now; reload the module to have the same in the notebook"
            )
    return OwnModules(found, _unloaded(wanted), changed | of_packages(found), notices)


def _unloaded(wanted: set[str]) -> Sources:
    """Those of `wanted`, and what they import in their turn, that are the user's own and not loaded here."""
    specs: dict[str, importlib.machinery.ModuleSpec | None] = {}
    found: Sources = {}
    waiting = sorted(wanted)
    for name in waiting:
        parent = name.rpartition(".")[0]
        if name in specs or _is_known(name):
            continue
        if parent and parent not in specs and parent not in sys.modules:
            # its package is imported first, whether it is said or not
            waiting += [parent, name]
            continue
        spec = specs[name] = _spec(name, specs.get(parent))
        path = None if spec is None else _own_file(name, spec, spec.origin)
        read = None if path is None else _read(path)
        if path is not None and read is not None:
            found[name] = (path, read[0])
            waiting += sorted({*imports_in(read[1], _package(name, path))})
    return found


def _is_known(name: str) -> bool:
    """Whether `name` is loaded, or of a package that is not the user's, as far as no file need be read."""
    root = name.partition(".")[0]
    file = getattr(sys.modules.get(root), "__file__", None)
    installed = isinstance(file, str) and _is_installed(file)
    return name in sys.modules or root in sys.stdlib_module_names or root == _OURS or installed


def _spec(name: str, package: importlib.machinery.ModuleSpec | None) -> importlib.machinery.ModuleSpec | None:
    """Where `name` would be imported from, of a package that is loaded or has this spec."""
    parent = name.rpartition(".")[0]
    path: Sequence[str] | None = None
    if parent:
        path = package.submodule_search_locations if package else None
        path = getattr(sys.modules.get(parent), "__path__", path)
        if path is None:
            return None
    for finder in sys.meta_path:
        # what a finder cannot find, or stumbles over, trials will not find either, and say so themselves
        with suppress(ImportError, AttributeError, ValueError):
            spec = finder.find_spec(name, path)
            if spec is not None:
                return spec
    return None


def _read(path: str) -> tuple[bytes, types.CodeType] | None:
    """A module's source and code; None for one that trials cannot import either: they say so themselves."""
    try:
        source = Path(path).read_bytes()
        return source, compile(source, path, "exec", dont_inherit=True)
    except (OSError, SyntaxError, ValueError):
        return None


def _package(name: str, path: str) -> str:
    return name if Path(path).name == "__init__.py" else name.rpartition(".")[0]


def _own_file(name: str, spec: object, path: object) -> str | None:
    """The source file of a module, if it is the user's own."""
    if type(getattr(spec, "loader", None)) is not importlib.machinery.SourceFileLoader:
        return None
    if not isinstance(path, str) or name.partition(".")[0] in (_OURS, "__main__") or _is_installed(path):
        return None
    return os.path.abspath(path)


def _is_installed(path: str) -> bool:
    return path.startswith(_STANDARD) or bool(_INSTALLED & set(Path(path).parts))


def _functions(module: object, path: str) -> Iterator[types.FunctionType]:
    for value in list(vars(module).values()):
        members = vars(value).values() if isinstance(value, type) else (value,)
        for member in members:
            if (
                isinstance(member, types.FunctionType)
                and os.path.abspath(member.__code__.co_filename) == path
            ):
                yield member


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
