"""Sends the sources of the user's own modules to the trials; later edits do not reach a running study.

A module is the user's own if its source file is outside the standard library and site-packages; this
includes editable installs. Sent are those that the notebook has loaded, and those that the trials' code or
another of these modules imports. Trials import them from the sources sent, and all other modules as usual.
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

from jupyter_tune.payload.dependencies import codes_in, is_main
from jupyter_tune.payload.imports import bound_by_import, imports_in
from jupyter_tune.payload.patches import Patches, Place, changes_in_module, changes_in_packages

Sources: TypeAlias = dict[str, tuple[str, bytes]]
"""Module -> (path of its file, source)."""

_STANDARD = tuple(sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib"))
_INSTALLED = {"site-packages", "dist-packages"}
_OURS = __name__.partition(".")[0]


@dataclass(frozen=True, slots=True)
class UserModules:
    """The user's own modules.

    loaded:   those that the notebook has imported.
    unloaded: those that only the trials will import.
    changed:  values that the notebook may have changed in modules (patches.py).
    notices:  a sentence for each file that was edited after its import.
    """

    loaded: Sources
    unloaded: Sources
    changed: dict[Place, Any]
    notices: list[str]


def sources(imported: Iterable[str] = ()) -> UserModules:
    """The user's own modules as they are now. `imported`: the modules that the trials' code imports."""
    found: Sources = {}
    changed: dict[Place, Any] = {}
    notices = []
    wanted = {*imported}
    for name, module in list(sys.modules.items()):
        path = _user_file(name, getattr(module, "__spec__", None), getattr(module, "__file__", None))
        read = None if path is None else _read(path)
        if path is None or read is None:
            continue
        source, code = read
        found[name] = (path, source)
        wanted.update(imports_in(code, _package(name, path)))
        known = set(codes_in(code))
        bound = {
            own: origin
            for own, origin in bound_by_import(source, _package(name, path)).items()
            if not _is_own(origin[0])
        }
        changed |= changes_in_module(module, lambda function, known=known: function.__code__ in known, bound)  # type: ignore[misc]
        if any(function.__code__ not in known for function in _functions(module, path)):
            notices.append(
                f"{name}: {Path(path).name} was edited after the notebook imported it; trials run the file "
                "as it is now; reload the module to have the same in the notebook"
            )
    return UserModules(found, _unloaded(wanted), changed | changes_in_packages(found), notices)


def _unloaded(wanted: set[str]) -> Sources:
    """The user's own modules among `wanted` and their imports that are not loaded in this process."""
    specs: dict[str, importlib.machinery.ModuleSpec | None] = {}
    found: Sources = {}
    waiting = sorted(wanted)
    for name in waiting:
        parent = name.rpartition(".")[0]
        if name in specs or _is_known(name):
            continue
        if parent and parent not in specs and parent not in sys.modules:
            # importing it imports its package first
            waiting += [parent, name]
            continue
        spec = specs[name] = _spec(name, specs.get(parent))
        path = None if spec is None else _user_file(name, spec, spec.origin)
        read = None if path is None else _read(path)
        if path is not None and read is not None:
            found[name] = (path, read[0])
            waiting += sorted({*imports_in(read[1], _package(name, path))})
    return found


def _is_known(name: str) -> bool:
    """Whether `name` is loaded, or evidently not the user's own (no file is read to find out)."""
    root = name.partition(".")[0]
    file = getattr(sys.modules.get(root), "__file__", None)
    installed = isinstance(file, str) and _is_installed(file)
    return name in sys.modules or root in sys.stdlib_module_names or root == _OURS or installed


def _spec(name: str, package: importlib.machinery.ModuleSpec | None) -> importlib.machinery.ModuleSpec | None:
    """The spec of module `name`. `package`: the spec of its package, if that is not loaded."""
    parent = name.rpartition(".")[0]
    path: Sequence[str] | None = None
    if parent:
        path = package.submodule_search_locations if package else None
        path = getattr(sys.modules.get(parent), "__path__", path)
        if path is None:
            return None
    for finder in sys.meta_path:
        # if a finder fails here, it fails in a trial too, which raises the error
        with suppress(ImportError, AttributeError, ValueError):
            try:
                spec = finder.find_spec(name, path)
            except KeyError:
                # a folder without __init__.py in another one: Python asks the loaded modules for its parent
                spec = _folder(name, path or ())
            if spec is not None:
                return spec
    return None


def _folder(name: str, path: Sequence[str]) -> importlib.machinery.ModuleSpec | None:
    """The spec of a package without __init__.py, below the folders in `path`."""
    spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
    folders = [os.path.join(place, name.rpartition(".")[2]) for place in path]
    spec.submodule_search_locations = [folder for folder in folders if os.path.isdir(folder)]
    return spec if spec.submodule_search_locations else None


def _read(path: str) -> tuple[bytes, types.CodeType] | None:
    """Source and code of a module; None if it cannot be read, in which case the trials' import raises."""
    try:
        source = Path(path).read_bytes()
        return source, compile(source, path, "exec", dont_inherit=True)
    except (OSError, SyntaxError, ValueError):
        return None


def _package(name: str, path: str) -> str:
    return name if Path(path).name == "__init__.py" else name.rpartition(".")[0]


def _user_file(name: str, spec: object, path: object) -> str | None:
    """The source file of a module if it is the user's own, else None."""
    if type(getattr(spec, "loader", None)) is not importlib.machinery.SourceFileLoader:
        return None
    if not isinstance(path, str) or is_main(name) or name.partition(".")[0] == _OURS or _is_installed(path):
        return None
    return os.path.abspath(path)


def _is_own(name: str) -> bool:
    """Whether the module `name` is loaded and the user's own."""
    module = sys.modules.get(name)
    found = _user_file(name, getattr(module, "__spec__", None), getattr(module, "__file__", None))
    return found is not None


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


def install_finder(found: Sources, patches: Patches) -> None:
    """Import the modules in `found` from these sources from now on, and apply `patches` on import."""
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
        elif self._patches.is_waiting_for(fullname):
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
    """Loads a module from its source in memory; reads neither its file nor a cached .pyc."""

    def __init__(self, name: str, path: str, source: bytes):
        super().__init__(name, path)
        self._source = source

    def get_data(self, path: str) -> bytes:
        return self._source if path == self.path else super().get_data(path)

    def path_stats(self, path: str) -> Mapping[str, float]:
        raise OSError(f"{path}: not looked at")
