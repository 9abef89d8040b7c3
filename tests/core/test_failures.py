"""When two trials failed of the same thing."""

from __future__ import annotations

import pytest

from jupyter_tune.core.failures import failure_kind, last_line


def traceback(line: int, raised: str, file: str = "<%%tune s>") -> str:
    inside = '  File "/usr/lib/python3/site-packages/torch/nn.py", line 116, in forward\n'
    return f'Traceback (most recent call last):\n  File "{file}", line {line}, in <module>\n{inside}{raised}'


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("RuntimeError: shapes (4x7 and 64x10)", "RuntimeError: shapes (4x250 and 8x10)"),
        ("ValueError: lr is 1e-05", "ValueError: lr is 0.1"),
        ("ValueError: got -3", "ValueError: got 12.5"),
        ("ValueError: got .5", "ValueError: got 5."),
        ("TypeError: <f at 0x7f3a10>", "TypeError: <f at 0x55b2ff>"),
        ("FileNotFoundError: '/tmp/tmpab3/x'", "FileNotFoundError: '/tmp/tmpqq/x'"),
        ("OSError: cannot open /tmp/tmpab/run-3", "OSError: cannot open /tmp/tmpzz/run-11"),
        ('KeyError: "relu"', 'KeyError: "tanh"'),
        ("exited with code 1", "exited with code 2"),
        ("E: 123e4567-e89b-12d3-a456-426614174000", "E: 99ee4567-e89b-12d3-b456-4266aa1740ff"),
        ("E: run abcdef0123456789 failed", "E: run 0f23456789abcdef failed"),
        ("E: tmp_ab12cd is gone", "E: tmpzz is gone"),
        (r"E: C:\runs\a is gone", r"E: C:\runs\b\c is gone"),
        ("E: loss was nan", "E: loss was -3.5"),
        ("E: bad shape (3, 4)", "E: bad shape (5, 1, 1)"),
    ],
)
def test_what_changes_from_trial_to_trial_is_masked(one: str, other: str) -> None:
    assert failure_kind(traceback(3, one), "") == failure_kind(traceback(3, other), "")
    assert failure_kind("", one) == failure_kind("", other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (traceback(3, "ValueError: nan"), traceback(4, "ValueError: nan")),
        (traceback(3, "ValueError: nan"), traceback(3, "TypeError: nan")),
        (traceback(3, "ValueError: no data"), traceback(3, "ValueError: no room")),
        (traceback(3, "ValueError: added nan"), traceback(3, "ValueError: faced info")),
        (traceback(3, "ValueError: nan"), ""),
    ],
)
def test_another_line_type_or_text_is_another_kind(one: str, other: str) -> None:
    assert failure_kind(one, "") != failure_kind(other, "")


def test_without_a_cell_the_innermost_frame_is_the_place() -> None:
    one, other = (traceback(line, "ValueError: x", file="/home/u/train.py") for line in (3, 4))
    assert failure_kind(one, "") == failure_kind(other, ""), "both were raised in the library"


def test_of_a_traceback_the_last_line_is_told_without_colours() -> None:
    assert last_line("Traceback:\n  a\n\x1b[31mValueError\x1b[0m: bad\n\n") == "ValueError: bad"
    assert last_line("") == ""
