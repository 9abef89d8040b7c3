"""What the pages say of options, commands and names is what there is."""

from __future__ import annotations

from jupyter_tune.launch.option_table import OPTIONS
from tests.docs.reference import COMMANDS_PAGE, GROUPS, MORE, OPTIONS_PAGE, commands_page, options_page

AGAIN = "python -m tests.docs.reference writes the page again"


def test_every_option_stands_in_one_group() -> None:
    grouped = " ".join(GROUPS.values()).split()
    assert sorted(grouped) == sorted(option.name for option in OPTIONS)
    assert MORE.keys() <= set(grouped)


def test_the_page_of_options_has_them_as_they_are() -> None:
    assert OPTIONS_PAGE.read_text() == options_page(), AGAIN


def test_the_page_of_the_command_line_has_the_commands_as_they_are() -> None:
    assert COMMANDS_PAGE.read_text() == commands_page(), AGAIN
