"""Each line of docs/sagemaker.md does in a notebook what the page says of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real_kernel import LOAD, Kernel, kernel_in

PAGE = Path(__file__).parents[2] / "docs" / "sagemaker.md"

CELL = """
lr: Float(1e-4, 1e-1, log=True) = 1e-2
for epoch in range(1, 10):
    loss = (lr - 0.01) ** 2 + 1 / epoch
    acc = 1 - loss
    report(acc=acc, loss=loss, step=epoch)
"""
PLAIN = "\nlr = 0.01\nacc = 1 - lr\n"
RANGES = "\nlr: Float(1e-4, 1e-1, log=True) = 1e-2\n"
SCRIPT = "import sys\nprint(f'acc={1 - float(sys.argv[2])}')\n"


def lines() -> Iterator[tuple[str, str]]:
    """(SageMaker's part, a line of ours) for each code span of the table's second column."""
    for row in PAGE.read_text().splitlines():
        match = re.fullmatch(r"\| (.*) \| (.+) \|", row)
        if match and not match[1].startswith("SageMaker"):
            for line in re.findall(r"`([^`]+)`", match[2]):
                yield match[1], line


LINES = [(part, line) for part, line in lines() if not line.startswith(("--", "JUPYTER", "if "))]


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with kernel_in(tmp_path_factory.mktemp("sagemaker")) as started:
        (started.folder / "train.py").write_text(SCRIPT)
        started.run(LOAD)
        started.run(f"%%tune --maximize acc -n 3 --sampler random --name old --wait -o old{CELL}")
        started.run(f"%%tune --maximize acc -n 3 --sampler random --name latest --wait{CELL}")
        yield started


def test_the_page_has_every_part() -> None:
    assert len({part for part, _ in LINES}) > 25


@pytest.mark.parametrize(("part", "line"), LINES, ids=[line for _, line in LINES])
def test_the_line_does_it(kernel: Kernel, part: str, line: str) -> None:
    if line.startswith("%%tune"):
        short = "" if " -n " in line or "--autotune" in line else " -n 2"
        # where no model is asked for, none is imported
        if not re.search("--(sampler|stop-when|transfer|autotune)", line):
            short += " --sampler random"
        if "--on client" in line:
            kernel.run("import distributed; client = distributed.Client(n_workers=1, dashboard_address=None)")
        body = PLAIN if "--autotune" in line else RANGES if "--command" in line else CELL
        done = kernel.run(f"{line}{short} --wait{body}")
        if "--autotune" in line:
            assert "lr: Float(" in done.next_cell
            return
        assert kernel.ask("study.state") == "'ended'", part
        assert int(kernel.ask("len(study.trials)")) >= 1
        assert kernel.ask("study.best_value is not None") == "True"
        if "--on client" in line:
            kernel.run("client.shutdown()")
    elif re.match(r"\w+: (Float|Int|Categorical)\(", line):
        kernel.run(f"%%tune --maximize acc -n 2 --sampler random --wait\n{line}\nacc = 1.0\n")
        assert kernel.ask("len(study.trials)") == "2"
        assert kernel.ask("list(study.best_params)") == f"[{line.partition(':')[0]!r}]"
    else:
        kernel.run(line)
