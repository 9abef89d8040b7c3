"""The words of commands and their placeholders."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tune.errors import OptionError
from jupyter_tune.payload.command_words import filled, placeholders, variable_of


@given(st.text())
def test_a_value_is_one_word_as_it_is(value: str) -> None:
    assert filled(["run", "--lr={lr}"], {"lr": value}) == ["run", f"--lr={value}"]


@given(st.text())
def test_any_text_can_be_written_with_its_braces_doubled(text: str) -> None:
    word = text.replace("{", "{{").replace("}", "}}")
    assert placeholders([word]) == []
    assert filled(["run", word], {}) == ["run", text]


def test_each_placeholder_is_named_once_in_order() -> None:
    assert placeholders(["{b}", "{a}{b}", "{{c}}", "{{{d}}}", "{x.y z}"]) == ["b", "a", "d", "x.y z"]


@pytest.mark.parametrize("word", ["{", "a}", "{a}}", "{{}", "{a{b}c}"])
def test_a_single_brace_is_an_error(word: str) -> None:
    with pytest.raises(OptionError, match=r"a single [{}]; write (\{\{|\}\}) for a brace"):
        placeholders([word])


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (["run", "--m", "{m}", "--lr", "{lr}"], ["run", "--lr", "1"]),
        (["run", "--m={m}", "m={m}", "x"], ["run", "x"]),
        (["run", "-v", "{m}{lr}", "x"], ["run", "x"]),
        (["run", "file", "{m}"], ["run", "file"]),
        (["--run", "{m}"], ["--run"]),
        (["run", "--a", "{m}", "{m}"], ["run"]),
        (["run", "--lr={lr}", "{m}"], ["run", "--lr=1"]),
    ],
)
def test_a_word_without_its_value_is_left_out_with_the_option_before_it(
    words: list[str], left: list[str]
) -> None:
    assert filled(words, {"lr": "1"}) == left


def test_variables_have_names_that_every_shell_can_read() -> None:
    assert [variable_of(name) for name in ("lr", "optim.lr", "größe")] == [
        "JUPYTER_TUNE_PARAM_LR",
        "JUPYTER_TUNE_PARAM_OPTIM_LR",
        "JUPYTER_TUNE_PARAM_GR_SSE",
    ]
