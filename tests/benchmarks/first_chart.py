"""How long a newcomer waits: from `pip install .` in a fresh environment to the first chart of a study.

    python -m tests.benchmarks.first_chart

Does what README says: installs a clone of this repository and scikit-learn, opens JupyterLab, and runs the
two cells of README's example. Prints the seconds of each step; those of pip depend on the connection and on
its cache. Torch is the build of .ci/constraints.txt.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

from playwright.sync_api import expect

from tests.benchmarks.markdown import table
from tests.real_lab import Lab, chromium, new_page

ROOT = Path(__file__).parents[2]
CONSTRAINTS = ROOT / ".ci" / "constraints.txt"
PATIENCE_MS = 300_000


def example() -> list[str]:
    """The cells of README's example."""
    cells: list[str] = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    first = next(place for place, cell in enumerate(cells) if cell.startswith("%load_ext"))
    return cells[first : first + 2]


class Steps:
    """Seconds of one step after the other."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self._begun = self._since = time.monotonic()

    def done(self, what: str) -> None:
        now = time.monotonic()
        self.rows.append([what, f"{now - self._since:.1f} s", f"{now - self._begun:.1f} s"])
        self._since = now


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        source = place / "source"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(source)], check=True)
        steps = Steps()
        venv.create(place / "venv", with_pip=True)
        steps.done("a fresh environment")
        fresh = place / "venv" / "bin" / "python"

        class FreshLab(Lab):
            python = str(fresh)

        install = [str(fresh), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        limits = ["--constraint", str(CONSTRAINTS)]
        subprocess.run([*install, *limits, str(source), "scikit-learn"], check=True)
        steps.done("pip install . scikit-learn")
        # its kernels are the environment's, as after `source venv/bin/activate`
        os.environ["PATH"] = f"{fresh.parent}:{os.environ['PATH']}"
        lab = FreshLab(place)
        steps.done("JupyterLab answers")
        try:
            with chromium() as browser:
                page = new_page(browser)
                page.set_default_timeout(PATIENCE_MS)
                notebook = lab.open(page, "first", *example())
                steps.done("the notebook is open, its kernel idle")
                notebook.run(0)
                steps.done("the first cell has run")
                notebook.run(1, wait=False)
                output = notebook.output(1)
                expect(output.locator(".jt-dashboard").first).to_be_visible(timeout=PATIENCE_MS)
                steps.done("the dashboard is there")
                expect(output.locator(".scatterlayer .trace path").first).to_be_attached(timeout=PATIENCE_MS)
                steps.done("the first chart has its first mark")
        finally:
            lab.close()
    print(table(["Step", "takes", "since the beginning"], steps.rows))
    load = f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    print(f"\nPython {sys.version.split()[0]}; {load}")


if __name__ == "__main__":
    main()
