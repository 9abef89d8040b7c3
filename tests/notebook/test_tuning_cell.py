"""The tuning cell in a real kernel: what travels, what is refused before a start, help and dry run."""

from __future__ import annotations

import os

import pytest

from tests.notebook.toy import toy
from tests.real_kernel import Kernel


@pytest.fixture
def kernel(shared_kernel: Kernel) -> Kernel:
    return shared_kernel


def test_what_the_cell_uses_travels(kernel: Kernel) -> None:
    kernel.run(
        "import numpy\nbig = numpy.ones(3_000_000)\nscale = 2.0\n"
        "class Model:\n    def __init__(self, x): self.x = x\n"
        "def score(model): return scale * model.x + big.sum() / big.size"
    )
    kernel.run(
        "%%tune --maximize result --trials 3 --sampler sobol --name travel --wait\n"
        "x: Float(0.0, 1.0) = 0.5\n"
        "print('x is', x)\n"
        "result = score(Model(x))\n"
    )
    assert kernel.ask("[round(t.value - 2 * t.params['x'], 9) for t in study.trials]") == "[1.0, 1.0, 1.0]"
    assert kernel.ask("study.log(0)").startswith("'x is 0.5")


def test_a_study_is_of_use_in_the_next_cell(kernel: Kernel) -> None:
    kernel.run(toy(trials=3))
    kernel.run("study.wait(); first = study")
    kernel.run(
        "%%tune --maximize score -n 2 --name next --wait\nx: Float(0, 1) = .5\nscore = first.best_value + x"
    )
    best = float(kernel.ask("first.best_value"))
    assert kernel.ask("[t.state for t in study.trials]") == "['complete', 'complete']"
    assert float(kernel.ask("study.trials[0].value")) == best + 0.5


def test_what_cannot_travel_is_named_before_anything_starts(kernel: Kernel) -> None:
    kernel.run("import threading\nlock = threading.Lock()")
    outcome = kernel.run(
        "%%tune --maximize score --name never\nx: Float(0, 1) = 0.5\nwith lock:\n    report(score=x)",
        expect="error",
    )
    assert "lock" in outcome.error
    assert not (kernel.folder / "never.tune.db").exists()


def test_bad_input_is_an_error_before_anything_starts(kernel: Kernel) -> None:
    body = "\nx: Float(0.0, 1.0) = 0.5\nreport(score=x)"
    for line, culprit in {
        "--maximise score": "did you mean --maximize",
        "--maximize scor": "scor",
        "--maximize score --sampler bayes": "bayes",
        "--maximize score --trials 0": "0",
        "--maximize score --on tcp://1.2.3.4:8786": "OptionError: --on",
        "--maximize score --name ../up": "OptionError: --name: '../up'",
        "--maximize score --name my study": "quote a value that has spaces",
        "--maximize score --seed -1": "OptionError: --seed: must be 0 or more, got -1",
        "--maximize score --out class": "OptionError: --out: 'class' cannot be a variable's name",
        "--maximize score --out print": "OptionError: --out: print has a meaning",
        "": "OptionError: no metric: name one and its direction",
    }.items():
        outcome = kernel.run(f"%%tune {line}{body}", expect="error")
        assert culprit in outcome.error + outcome.text, line
    outcome = kernel.run(
        "%%tune --maximize score\nx: Float(0.0, 1.0, log=True)\nreport(score=x)", expect="error"
    )
    assert "log=True needs low > 0" in outcome.error
    assert list(kernel.folder.glob("*.tune.db")) == []


def test_the_line_of_a_cell_is_quoted_and_commented_as_in_a_shell(kernel: Kernel) -> None:
    body = "x: Float(0.0, 1.0) = 0.5\nreport(**{'val acc': x})"
    line = "--name 'my study' --maximize=\"val acc\" --dir '~/of mine' --out best --dry-run # not yet"
    text = kernel.run(f"import os; os.environ['HOME'] = {str(kernel.folder)!r}").text
    text = kernel.run(f"%%tune {line}\n{body}").text
    assert "Study 'my study' would run" in text
    kernel.run(f"%%tune --trials 1 --wait {line.replace('--dry-run', '')}\n{body}")
    assert kernel.ask("best.name, best.best_value, os.listdir('of mine')[0].split('.')[0]") == (
        "('my study', 0.5, 'my study')"
    )
    for code in ("%tune status 'my study'", "%tune status"):
        text = kernel.run(code).text
        assert "my study" in text
        assert " on the disk: " in text
    outcome = kernel.run("%tune status my study", expect="error")
    assert "takes one name, got my study; quote one with spaces" in outcome.error
    kernel.run(f"os.environ['HOME'] = {os.environ['HOME']!r}")


def test_help_is_titled_as_the_magic_and_lists_what_it_takes(kernel: Kernel) -> None:
    shown = kernel.run("%%tune?").page
    assert "%%tune --maximize METRIC [options]" in shown
    assert "tune_cell [" not in shown
    assert "-n, --trials N" in shown
    assert "--keep N" in shown
    assert "-n, --trials N" in kernel.run("%%tune --help\nx = 1").text
    assert "%tune stop " in kernel.run("%tune?").page


def test_choices_of_a_cell_are_the_notebooks_own_objects(kernel: Kernel) -> None:
    kernel.run("import enum\nclass Act(str, enum.Enum):\n    RELU = 'relu'\n    TANH = 'tanh'")
    kernel.run(
        "%%tune --maximize score --trials 4 --sampler random --wait\n"
        "act: Categorical(Act) = Act.TANH\n"
        "size: Categorical([(64, 64), (128,)])\n"
        "if act is Act.TANH:\n"
        "    flag: Categorical([0, False]) = False\n"
        "    score = 1 if flag is False else 0\n"
        "else:\n"
        "    assert act is Act.RELU and act == 'relu'\n"
        "    score = -1\n"
        "assert isinstance(size, tuple) and trial.params['act'] is act"
    )
    assert kernel.ask("{t.state for t in study.trials}") == "{'complete'}"
    best = kernel.ask(
        "study.best_value, study.best_params['act'] is Act.TANH, study.best_params['flag'] is False"
    )
    assert best == "(1.0, True, True)"


def test_a_dry_run_says_what_would_travel_and_starts_nothing(kernel: Kernel) -> None:
    kernel.run("data = list(range(1000))")
    text = kernel.run("%%tune --maximize s --dry-run\nx: Float(0.0, 1.0) = 0.5\nreport(s=x * len(data))").text
    assert "data" in text
    assert "Nothing was started" in text
    kernel.run("class Session:\n    def __setstate__(self, state): raise OSError('gone')")
    kernel.run("data = Session()\ndata.x = 1")
    cell = "%%tune --maximize s --dry-run\nx: Float(0.0, 1.0) = 0.5\nreport(s=x * len(data))"
    refused = kernel.run(cell, expect="error")
    assert "PayloadError: data (Session): cannot be loaded in a trial (OSError: gone)" in refused.error
    assert list(kernel.folder.glob("*.tune.db")) == []
