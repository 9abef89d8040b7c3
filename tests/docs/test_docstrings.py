"""Docstrings of this package, as Sphinx reads them."""

from __future__ import annotations

from docs.docstrings import as_rst


def rst(text: str) -> str:
    return "\n".join(as_rst(text.splitlines()))


def test_code_is_marked_up_and_nothing_else() -> None:
    assert rst("Draws `x_` from **options, a|b and name_.") == (
        "Draws ``x_`` from \\*\\*options, a\\|b and name\\_.\n"
    )


def test_arguments_become_a_list_with_their_names() -> None:
    text = "First line.\n\nArgs:\n    low, high: both\n               ends.\n    **named:   more.\n"
    assert rst(text) == (
        "First line.\n\n:Arguments:\n  ``low, high``\n    both ends.\n  ``**named``\n    more.\n"
    )


def test_a_section_in_one_line_and_two_of_them_in_one() -> None:
    assert rst("Args: x, y: the first two.\n    Or others.") == (
        ":Arguments:\n  ``x, y``\n    the first two. Or others.\n"
    )
    assert rst("Returns: the ranges. Raises: SpaceError naming\nthe parameter.") == (
        ":Returns: the ranges.\n\n:Raises: :py:exc:`~jupyter_tune.errors.SpaceError` naming the parameter.\n"
    )


def test_arguments_without_rows_are_text() -> None:
    assert rst("Args: as of its base.") == ":Arguments: as of its base.\n"


def test_what_is_indented_stays_as_it_is() -> None:
    assert rst("As in\n\n    a `b` *c*\n") == "As in\n\n::\n\n    a `b` *c*\n"
