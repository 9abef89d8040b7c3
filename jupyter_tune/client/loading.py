"""Reads artifacts by their suffix.

Law: opening a file runs no code that it holds. What can hold code (pickles, and so .pkl, .joblib and
most .pt) is read only in a way that the caller has named.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

from jupyter_tune.errors import ArtifactError

Options: TypeAlias = Mapping[str, Any]


def load_artifact(path: Path, loader: Callable[[Path], Any] | None, options: Options) -> Any:
    """What is in `path`. See StudyTrial.load."""
    if loader is not None:
        return loader(path, **options)
    if path.is_dir():
        raise ArtifactError(
            f"{path.name} is a folder; give what reads it, as in load({path.name!r}, loader=...), "
            f"or use its path, artifacts[{path.name!r}]"
        )
    suffix = path.suffix.lower()
    if suffix in _PICKLES:
        raise ArtifactError(
            f"{path.name}: reading a {suffix} file runs code that it holds, so it is never done unasked; "
            f"if you trust who made it: load({path.name!r}, loader={_PICKLES[suffix]})"
        )
    if suffix not in _READERS:
        raise ArtifactError(
            f"{path.name}: load reads {' '.join(_READERS)}; give what reads it, as in "
            f"load({path.name!r}, loader=...), or use its path, artifacts[{path.name!r}]"
        )
    return _READERS[suffix](path, options)


def _json(path: Path, options: Options) -> Any:
    return json.loads(path.read_text(encoding="utf-8"), **options)


def _text(path: Path, options: Options) -> str:
    return path.read_text(**{"encoding": "utf-8", **options})


def _csv(path: Path, options: Options) -> Any:
    return _needs("pandas", path).read_csv(path, **options)


def _numpy(path: Path, options: Options) -> Any:
    if options.get("allow_pickle"):
        raise ArtifactError(
            f"{path.name}: allow_pickle=True runs code that the file holds; if you trust who made it: "
            f"load({path.name!r}, loader=lambda path: np.load(path, allow_pickle=True))"
        )
    try:
        return _needs("numpy", path).load(path, **{**options, "allow_pickle": False})
    except ValueError as error:
        raise ArtifactError(
            f"{path.name}: {error}; objects in arrays are pickles, which run code. If you trust who made it: "
            f"load({path.name!r}, loader=lambda path: np.load(path, allow_pickle=True))"
        ) from None


def _torch(path: Path, options: Options) -> Any:
    if options.get("weights_only") is not True:
        raise ArtifactError(
            f"{path.name}: a file of torch may hold code. load({path.name!r}, weights_only=True) reads "
            f"tensors and state_dicts, and runs nothing; for more, if you trust who made it: "
            f"load({path.name!r}, loader=lambda path: torch.load(path, weights_only=False))"
        )
    torch = _needs("torch", path)
    # the trial may have had another device than this process
    return torch.load(path, **{"map_location": "cpu", **options})


def _safetensors(path: Path, options: Options) -> Any:
    try:
        return import_module("safetensors.torch").load_file(path, **options)
    except ImportError:
        return _needs("safetensors.numpy", path).load_file(path, **options)


def _needs(module: str, path: Path) -> Any:
    try:
        return import_module(module)
    except ImportError:
        library = module.partition(".")[0]
        raise ArtifactError(
            f"{path.name}: {library} reads it, and is not installed; pip install {library}"
        ) from None


_READERS: dict[str, Callable[[Path, Options], Any]] = {
    ".json": _json,
    ".txt": _text,
    ".md": _text,
    ".csv": _csv,
    ".npy": _numpy,
    ".npz": _numpy,
    ".safetensors": _safetensors,
    ".pt": _torch,
    ".pth": _torch,
    ".ckpt": _torch,
}

_PICKLES = {
    ".pkl": "lambda path: pickle.loads(path.read_bytes())",
    ".pickle": "lambda path: pickle.loads(path.read_bytes())",
    ".joblib": "joblib.load",
}
"""What reads them, for the message."""
