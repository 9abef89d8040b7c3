"""The texts of cells, which stand in no file: for tracebacks, and for code that reads its own source."""

from __future__ import annotations

import linecache


def text_of(name: str) -> dict[str, str]:
    """The text under which code has `name` as its file, by that name; nothing if a file has it."""
    entry = linecache.cache.get(name)
    # of a file there is a time
    if entry is None or len(entry) < 2 or entry[1] is not None:
        return {}
    return {name: "".join(linecache.getlines(name))}


def show_text(name: str, text: str) -> None:
    """Tracebacks and inspect.getsource have `text` for code whose file is `name`, from now on."""
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
