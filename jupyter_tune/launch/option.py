"""What an option is, and the places where options are given."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_tune.core.readers import Reader

MAGIC, TUNE, TUNER, RUN = "%%tune", "tune()", "Tuner", "jupyter-tune run"
"""The places where options are given."""

LINES = (MAGIC, RUN)
"""The places where they are written as --option."""

EVERYWHERE, STUDIES = (MAGIC, TUNE, TUNER, RUN), (MAGIC, TUNE, RUN)


@dataclass(frozen=True, slots=True)
class Option:
    """One option.

    name:    its keyword in Python.
    where:   the places where it can be given.
    read:    checks and converts a value, see core/readers.
    help:    one line for the help.
    metavar: the name of its value in the help; "" for a switch, which has no value.
    short:   its one-letter form in a line, or "".
    several: whether it takes more than one value.
    pairs:   whether it takes two values, and may be given again.
    repeats: whether it takes one value, and may be given again.
    """

    name: str
    where: tuple[str, ...]
    read: Reader
    help: str
    metavar: str = ""
    short: str = ""
    several: bool = False
    pairs: bool = False
    repeats: bool = False

    @property
    def flag(self) -> str:
        """The option as written in a line, `--max-steps`."""
        return "--" + self.name.replace("_", "-")

    def shown(self, place: str) -> str:
        """The option as written in `place`."""
        return self.flag if place in LINES else self.name
