"""`%%tune --once` in a real kernel, and what the kernel knows inside a %%tune cell while one is written."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.processes import wait_until
from tests.real_kernel import LOAD, Kernel

MAGIC = "%%tune --maximize score -n 4"
CELL = """{magic}
lr = Float(1e-4, 1e-2, log=True)
width: Int(1, 9) = 3
act: Categorical([len, max])
if width > 2:
    depth: Int(1, 3) = 2
else:
    drop: Float(0, 1) = 0.5
import asyncio
for epoch in range(2):
    report(score=width * (epoch + 1), loss=1.0)
await asyncio.sleep(0)
seen = dict(trial.params), act([1, 2])
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel that is not changed in a way that another test would notice."""
    kernel = Kernel(tmp_path_factory.mktemp("once"))
    kernel.run(LOAD)
    kernel.run("import json as spelling\nclass Model:\n    weights = 1\nearlier_model = Model()")
    yield kernel
    kernel.close()


def test_the_cell_runs_once_with_its_defaults_in_the_notebook(loaded: Kernel) -> None:
    outcome = loaded.run(CELL.format(magic=f"{MAGIC} --once"))
    first, *reports = outcome.text.strip().split("\n")
    assert first.startswith("Once, without a study: lr=0.001, width=3, act=<built-in function len>, depth=2")
    assert reports == ["step 1: score=3, loss=1", "step 2: score=6, loss=1"]
    assert not outcome.displays
    assert loaded.ask("seen[0] == {'lr': lr, 'width': 3, 'act': len, 'depth': 2}, seen[1]") == "(True, 2)"
    # nothing of it is left in the kernel's own trial
    assert loaded.ask("trial.params") == "{}"
    assert not list(loaded.folder.glob("*.tune.db"))


def test_a_final_value_is_printed_and_one_that_is_missing_is_an_error(loaded: Kernel) -> None:
    cell = "%%tune --minimize loss --once\nx: Float(0, 2)\nloss = x + 1"
    assert "final value: loss=2" in loaded.run(cell).text
    missing = loaded.run("%%tune --minimize los --once\nx: Float(0, 2)\nloss = x + 1", expect="error")
    assert "did you mean loss?" in missing.error
    never = loaded.run(
        "%%tune --minimize best --once\nx: Float(0, 2)\nif x > 9:\n    report(best=x)", expect="error"
    )
    assert "best was never reported" in never.error
    assert "Once" in loaded.run("%%tune --once\nx: Float(0, 2)\nprint(x)").text


def test_an_error_of_the_code_is_raised_as_it_is(loaded: Kernel) -> None:
    outcome = loaded.run("%%tune --once\nx: Float(0, 2)\nspelling.loads('no')", expect="error")
    assert outcome.error.startswith("JSONDecodeError")
    [error] = [message["content"] for message in outcome.messages if message["msg_type"] == "error"]
    # the line of the cell as it was typed, behind the frames of the magic
    *_, loads = [entry for entry in error["traceback"] if "<once>" in entry]
    assert "3 spelling.loads('no')" in re.sub(r"\x1b\[[\d;]*m", "", loads)
    assert loaded.ask("trial.params") == "{}"


def test_with_a_command_there_is_nothing_to_run(loaded: Kernel) -> None:
    outcome = loaded.run("%%tune --maximize a --command 'true {x}' --once\nx: Float(0, 2)", expect="error")
    assert "--once: runs the code of a cell" in outcome.error


def test_dry_run_starts_nothing_beside_once_either(loaded: Kernel) -> None:
    outcome = loaded.run("%%tune --maximize score --once --dry-run\nx: Float(0, 2)\nreport(score=x)")
    assert "Nothing was started" in outcome.text
    assert "step 1" not in outcome.text


BODY = "\nlr: Float(1e-4, 1e-1, log=True) = 1e-2\n"
TYPED = [
    "spelling.",
    "spelling.dum",
    "earlier_mod",
    "earlier_model.",
    "for i in range(3):\n    spelling.du",
    "import math\nmath.sq",
    "Floa",
    "lr",
    "from os import pat",
    "reported = report",
]


@pytest.mark.parametrize("typed", TYPED)
def test_completion_in_the_cell_is_that_of_a_plain_cell(loaded: Kernel, typed: str) -> None:
    def matches(first: str) -> list[str]:
        text = first + BODY + typed
        found: list[str] = loaded.client.complete(text, len(text), reply=True)["content"]["matches"]
        return found

    known: list[str] = []

    def plain() -> bool:
        known[:] = matches("# a plain cell")
        return bool(known)

    # the first answer of a kernel may come without what its slower helpers find
    wait_until(plain, "the kernel to complete")
    assert matches(MAGIC) == known


@pytest.mark.parametrize("typed", ["Float(", "spelling.dumps(", "earlier_model", "report", "trial.seed"])
def test_inspection_in_the_cell_is_that_of_a_plain_cell(loaded: Kernel, typed: str) -> None:
    def found(first: str) -> tuple[bool, str]:
        text = first + BODY + typed
        content = loaded.client.inspect(text, len(text), reply=True)["content"]
        return content["found"], content["data"].get("text/plain", "")

    plain = found("# a plain cell")
    assert plain[0]
    assert found(MAGIC) == plain
