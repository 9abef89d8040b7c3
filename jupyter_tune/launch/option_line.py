"""Parses the option line of %%tune, and prints its help.

Words are split and quoted as in a shell, and a word that begins with # starts a comment:

    --trials 60   --trials=60   -n 60   -n60   --name 'my study'   --target -1e-3   --wait

options.py defines the options and their values.
"""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Mapping
from typing import Any

from jupyter_tune.core.readers.names import meant_or
from jupyter_tune.errors import OptionError
from jupyter_tune.launch.option import Option

_BEFORE_COMMENT = re.compile(r"""(?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|[^\\"'#]|(?<=\S)#)*""")
_WIDTH = 100


def words_of(line: str) -> list[str]:
    """The words of a line, without quotes and comment. Raises OptionError for an unclosed quote."""
    match = _BEFORE_COMMENT.match(line)
    end = match.end() if match else 0
    # if the pattern stops at something else than a comment, shlex raises the error
    text = line[:end] if line[end : end + 1] == "#" else line
    try:
        return shlex.split(text)
    except ValueError as error:
        reason = str(error).lower()
        raise OptionError(f"{line.strip()}: {reason}; quote like 'my study' or \"user's\"") from None


def read_line(line: str, options: Mapping[str, Option]) -> dict[str, Any]:
    """Option name -> value in the line: a string, a list of strings, or True.

    Raises: OptionError for an unknown option, one that is given twice, or one without its value.
    """
    words = words_of(line)
    given: dict[str, Any] = {}
    while words:
        word = words.pop(0)
        option, attached = _split(word, options)
        shown = option.flag
        if not option.metavar:
            if attached is not None:
                raise OptionError(f"{shown}: takes no value, got {attached!r}; write {shown} alone")
            given[option.name] = True
            continue
        values = [] if attached is None else [attached]
        if option.pairs:
            # a regular expression may begin like an option
            while words and len(values) < 2 and _find(words[0], options) is None:
                values.append(words.pop(0))
            if len(values) < 2:
                got = f"got {' '.join(map(repr, values))}" if values else "got nothing"
                raise OptionError(f"{shown}: needs two values, {got}; write {shown} {option.metavar}")
            given.setdefault(option.name, []).append(tuple(values))
            continue
        while words and (option.several or not values) and not is_option(words[0], options):
            values.append(words.pop(0))
        if not values:
            got = f"got the option {words[0]}" if words else "the line ends there"
            raise OptionError(f"{shown}: needs a value, {got}; write {shown} {option.metavar}")
        if option.several:
            given.setdefault(option.name, []).extend(values)
        elif option.repeats:
            given.setdefault(option.name, []).append(values[0])
        elif option.name in given:
            raise OptionError(f"{shown}: given twice, {given[option.name]!r} and {values[0]!r}; keep one")
        else:
            given[option.name] = values[0]
    return given


def _split(word: str, options: Mapping[str, Option]) -> tuple[Option, str | None]:
    """The option that a word names, and the value attached to it, if any. Raises OptionError."""
    found = _find(word, options)
    if found is not None:
        return found
    flags = [option.flag for option in options.values()]
    written = word.partition("=")[0]
    close = meant_or("--" + written.strip("-–—").replace("_", "-"), flags, "%%tune? lists the options")
    if word.startswith(("-", "–", "—")) or written in options:
        raise OptionError(f"{written}: no such option; {close}")
    raise OptionError(
        f"{word!r} belongs to no option; quote a value that has spaces: --name 'my study'"
        + (f"; {close}" if close.startswith("did") else "")
    )


def _find(word: str, options: Mapping[str, Option]) -> tuple[Option, str | None] | None:
    flag, equals, value = word.partition("=")
    for option in options.values():
        if flag == option.flag or (option.short and flag == option.short):
            return option, value if equals else None
        # -n60, but not -name
        if option.short and re.fullmatch(rf"{option.short}\d.*", word):
            return option, word[2:]
    return None


def is_option(word: str, options: Mapping[str, Option]) -> bool:
    """Whether a word names an option, or begins with --. A single - may begin a value, as in -loss."""
    return word.startswith("--") or _find(word, options) is not None


def help_of(options: Mapping[str, Option], title: str, text: str) -> str:
    """The help text: `title`, `text` and the list of `options`."""
    left = {option: f"{_spelling(option)}" for option in options.values()}
    column = max(map(len, left.values())) + 4
    lines = [title, "", textwrap.dedent(text).strip(), "", "Options:"]
    for option, spelling in left.items():
        head = f"  {spelling}".ljust(column)
        lines += textwrap.wrap(
            option.help,
            _WIDTH,
            initial_indent=head,
            subsequent_indent=" " * column,
            break_on_hyphens=False,
        )
    return "\n".join(lines)


def _spelling(option: Option) -> str:
    flags = f"{option.short}, {option.flag}" if option.short else option.flag
    value = f" {option.metavar}{'...' if option.several else ''}" if option.metavar else ""
    return flags + value
