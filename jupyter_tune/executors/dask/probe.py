"""What a worker answers before it gets a trial. It is sent as text, and run there by `eval`.

As text, because a pickled function needs the same minor version of Python and this package, which is what
the answer is about. So it imports the standard library alone.
"""

import importlib
import importlib.metadata
import json
import os
import sys
from typing import Any


def answer(asked: dict[str, Any]) -> str:
    """Versions and files of this machine, as JSON.

    Args: asked: `python`: the notebook's minor version; `probe` and `token`: a file of the study's folder,
        and what the driver wrote to it; `payload` and `version`: the payload's path, and [device, inode,
        size, mtime_ns] of the file.
    """
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return json.dumps(
        {
            "python": python,
            "jupyter_tune": own_version() if python == asked["python"] else "",
            "torch": version_of("torch"),
            "shares_files": shares_files(asked["probe"], asked["token"]),
            "has_payload": has_file(asked["payload"], asked["version"]),
        }
    )


def own_version() -> str:
    """This package's version; after "none: " why it cannot be imported."""
    try:
        importlib.import_module("jupyter_tune.executors.dask.host")
        return str(importlib.import_module("jupyter_tune").__version__)
    except Exception as error:
        return f"none: {type(error).__name__}: {error}"


def version_of(package: str) -> str:
    """The version of an installed package, without importing it; "" if it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def shares_files(path: str, token: str) -> bool:
    """Whether this machine sees the study's folder and may write to it."""
    try:
        with open(path) as file:
            return file.read() == token and os.access(os.path.dirname(path), os.W_OK | os.X_OK)
    except OSError:
        return False


def has_file(path: str, version: list[int]) -> bool:
    """Whether this machine sees this very file and may read it."""
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
    except OSError:
        return False
    return [status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns] == version
