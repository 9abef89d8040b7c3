"""The line behind %%tune: words, quotes, comments, and what is no option."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tune.errors import OptionError
from jupyter_tune.launch.option import MAGIC
from jupyter_tune.launch.option_line import help_of, read_line, words_of
from jupyter_tune.launch.options import options_of

OPTIONS = options_of(MAGIC)


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("", {}),
        ("   ", {}),
        ("--name study", {"name": "study"}),
        ("--name=study", {"name": "study"}),
        ("--name 'my study'", {"name": "my study"}),
        ('--name "my study"', {"name": "my study"}),
        ("--name='my study'", {"name": "my study"}),
        ("'--name=my study'", {"name": "my study"}),
        (r"--name my\ study", {"name": "my study"}),
        ('--name "user\'s"', {"name": "user's"}),
        (r'--name "a \"b\" c"', {"name": 'a "b" c'}),
        ("--name ''", {"name": ""}),
        ("--name=", {"name": ""}),
        ("--name a=b", {"name": "a=b"}),
        ("--name=a=b", {"name": "a=b"}),
        ("--maximize='val acc' --trials 3", {"maximize": ["val acc"], "trials": "3"}),
        ("--maximize f1#macro", {"maximize": ["f1#macro"]}),
        ("--maximize 'f1 #macro'  # the mean", {"maximize": ["f1 #macro"]}),
        ("--trials 3 # don't run more", {"trials": "3"}),
        ("# --trials 3", {}),
        ("-n 60 -j4 -o=best", {"trials": "60", "workers": "4", "out": "best"}),
        ("--target -1e-3 --seed -1", {"target": "-1e-3", "seed": "-1"}),
        ("--maximize -loss", {"maximize": ["-loss"]}),
        ("--maximize a --minimize b --maximize=c", {"maximize": ["a", "c"], "minimize": ["b"]}),
        ("--subject-to 'a < 1' --subject-to b>2", {"subject_to": ["a < 1", "b>2"]}),
        ("--wait --dry-run", {"wait": True, "dry_run": True}),
        ("--warm-start a 'b c' --wait", {"warm_start": ["a", "b c"], "wait": True}),
        ("--warm-start a --warm-start=b", {"warm_start": ["a", "b"]}),
        (r"--metric a 'a=(\d+)' --wait", {"metric": [("a", r"a=(\d+)")], "wait": True}),
        ("--metric a '--a=(.)' --metric=b '-b(.)'", {"metric": [("a", "--a=(.)"), ("b", "-b(.)")]}),
    ],
)
def test_lines_read_as_in_a_shell(line: str, given: dict[str, Any]) -> None:
    assert read_line(line, OPTIONS) == given


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--maximise acc", "--maximise: no such option; did you mean --maximize?"),
        ("--max_steps 9", "--max_steps: no such option; did you mean --max-steps?"),
        ("--max 9", "--max: no such option; did you mean"),
        ("--metric", "--metric: needs two values, got nothing; write --metric NAME REGEX"),
        ("--metric a --wait", "--metric: needs two values, got 'a'; write --metric NAME REGEX"),
        ("-name x", "-name: no such option; did you mean --name?"),
        ("—trials 5", "—trials: no such option; did you mean --trials?"),
        ("trials=5", "trials: no such option; did you mean --trials?"),
        ("--gpus 1", "--gpus: no such option; %%tune? lists the options"),
        ("--onto tcp://1.2.3.4:8786", "--onto: no such option"),
        ("--name my study", "'study' belongs to no option; quote a value that has spaces: --name 'my study'"),
        ("--trials 5 -- x", "--: no such option"),
        ("--trials", "--trials: needs a value, the line ends there; write --trials N"),
        ("--name --wait", "--name: needs a value, got the option --wait; write --name NAME"),
        ("--warm-start --wait", "--warm-start: needs a value, got the option --wait"),
        ("--wait=yes", "--wait: takes no value, got 'yes'; write --wait alone"),
        ("--seed 1 --seed 2", "--seed: given twice, '1' and '2'; keep one"),
        ("-n 1 --trials 2", "--trials: given twice"),
        ("--name user's", "--name user's: no closing quotation; quote like 'my study' or \"user's\""),
        ("--name x\\", "no escaped character"),
    ],
)
def test_what_is_refused_and_how(line: str, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        read_line(line, OPTIONS)
    assert message in str(caught.value)


@given(st.lists(st.text(min_size=1), max_size=5))
def test_whatever_is_quoted_comes_back(words: list[str]) -> None:
    assert words_of(shlex.join(words) + " # and a 'comment") == words


@given(st.text())
def test_any_line_is_read_or_refused(line: str) -> None:
    try:
        given = read_line(line, OPTIONS)
    except OptionError:
        return
    assert set(given) <= set(OPTIONS)


def test_help_lists_every_option_under_the_magics_own_name() -> None:
    text = help_of(OPTIONS, "%%tune [options]", "Tune.")
    assert text.startswith("%%tune [options]\n\nTune.\n")
    assert all(f"{option.flag} {option.metavar}".strip() in text for option in OPTIONS.values())
    assert "-n, --trials N " in text
    assert "--warm-start NAME..." in text
    assert max(map(len, text.splitlines())) <= 100
