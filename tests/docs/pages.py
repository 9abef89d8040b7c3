"""The code of the pages, and the table of the tests that run it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def blocks(page: str) -> list[str]:
    """The blocks of docs/PAGE that are executed, from the top: ```python. Those of ```python3 are not."""
    return _blocks_in((DOCS / page).read_text())


def sections(page: str) -> dict[str, list[str]]:
    """Title of a section of docs/PAGE -> its blocks; what comes before the first is called ""."""
    titled = [section.partition("\n") for section in f"\n{(DOCS / page).read_text()}".split("\n## ")]
    return {title: _blocks_in(text) for title, _, text in titled}


def _blocks_in(text: str) -> list[str]:
    found: list[str] = re.findall(r"^```python\n(.*?)^```", text, re.S | re.M)
    return found


def side(page: str, label: str) -> list[str]:
    """The blocks of docs/PAGE on the side of `label`, which stands above each of them in bold."""
    text = (DOCS / page).read_text()
    found: list[str] = re.findall(rf"^\*\*{re.escape(label)}\*\*\n\n```python\n(.*?)^```", text, re.S | re.M)
    return found


RUN_BY = {
    "clusters.md": "docs/guide_page.py",
    "coming-from-optuna.md": "docs/test_coming_from_optuna.py docs/coming_from_page.py",
    "coming-from-ray-tune.md": "docs/ray_libraries.py docs/coming_from_page.py",
    "coming-from-wandb-sweeps.md": "docs/wandb_libraries.py docs/coming_from_page.py",
    "commands.md": "docs/guide_page.py",
    "getting-started.md": "docs/guide_page.py",
    "hosts.md": "hosts/in_marimo.py hosts/in_papermill.py hosts/in_voila.py",
    "integrations.md": "integrations/callbacks/page.py",
    "loggers.md": "integrations/loggers/test_page.py",
    "options.md": "notebook/autotune/test_propose.py",
    "optuna.md": "integrations/optuna/optuna_page.py",
    "results.md": "test_results_page.py",
    "sagemaker.md": "docs/sagemaker_libraries.py docs/coming_from_page.py",
    "scikit-learn.md": "integrations/sklearn/search_page.py",
    "stopping.md": "docs/guide_page.py",
    "trials.md": "docs/guide_page.py",
    "warm-start.md": "docs/guide_page.py",
}
"""Page -> the files below tests/ that run its blocks. `make test` runs test_*.py, `make test-docs` *_page.py,
`make test-integrations` those for a library that is large, and `make test-hosts` those of hosts.
"""
