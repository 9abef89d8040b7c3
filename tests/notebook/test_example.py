"""The example that JupyterLab inserts, run as it stands in a real kernel."""

from __future__ import annotations

import json
from pathlib import Path

from tests.real_kernel import Kernel

EXAMPLE = Path(__file__).parents[2] / "labextension/src/cell/example.json"


def test_the_example_runs(kernel: Kernel) -> None:
    cells = json.loads(EXAMPLE.read_text())["cells"]
    last = [kernel.run("\n".join(cell["source"])) for cell in cells if cell["kind"] == "code"][-1]
    params, value = last.result[1:-1].rsplit(",", 1)
    assert {"lr", "width", "act"} <= {name for name in ("lr", "width", "act") if f"'{name}'" in params}
    # the defaults reach 0.75 or so: what it is about can be seen
    assert float(value) > 0.85
    assert kernel.ask("study.state, len(study.trials)") == "('ended', 20)"
    assert kernel.ask("len({trial.params['act'] for trial in study.trials})") == "2"
    first = float(kernel.ask("study.trials[0].value"))
    assert first < float(value)
