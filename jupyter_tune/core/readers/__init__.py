"""Readers: each reads the value of one option, as people give it.

A reader takes a value and the name it was given under, and returns the value checked: whatever
passes is in range and of its type, and whatever does not is an OptionError that names the option,
the value and the way out. Numbers may come as text, as from a magic's line. Which option has which
reader is the table in launch/option_table.py.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

Reader: TypeAlias = Callable[[Any, str], Any]
