"""A result is never lost from the notebook: every case of a page, a study, a saved file and a kernel.

What is to be seen in each stands in saved_matrix.py, and as a table in docs/saved-notebooks.md.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.saved_matrix import LAST, POSSIBLE, VARIABLES, Case, Walk, expected, table
from tests.real_lab import Lab

DOCS = Path(__file__).parents[2] / "docs" / "saved-notebooks.md"


@pytest.fixture(scope="module")
def walk(lab: Lab, chromium: Browser) -> Walk:
    with contextlib.closing(Walk(lab, chromium)) as walk:
        walk.go()
    return walk


@pytest.mark.parametrize("case", POSSIBLE, ids=lambda case: ", ".join(case))
def test_a_study_is_seen_in_every_case(case: Case, walk: Walk) -> None:
    look = walk.looks[case.seen_as]
    assert look.broken == []
    assert look.shown == expected(case)
    assert look.name.endswith(f"-{VARIABLES[case.study]}")
    assert look.shown is not None
    best = LAST if look.shown.state == "ended" else walk.early[case.study]
    assert look.best == pytest.approx(best, rel=1e-3)
    before, after = walk.clocks[case.seen_as]
    # only where something runs does a clock go on
    assert (before != after) == (look.shown.state == "running")


@pytest.mark.parametrize(
    ("event", "state"),
    {
        "restarted by another page": "interrupted",
        "shown here": "ended",
        "resumed after a restart": "running",
        "driver killed": "interrupted",
        "resumed after its driver was killed": "running",
        "resumed without a kernel": "running",
    }.items(),
)
def test_a_study_is_lost_and_brought_back(event: str, state: str, walk: Walk) -> None:
    shown = walk.elsewhere[event]
    assert shown is not None
    assert shown.state == state
    assert ("Resume" in shown.offers) == (state == "interrupted")
    assert ("Stop" in shown.offers) == (state == "running")


def test_an_open_page_says_interrupted_at_once(walk: Walk) -> None:
    print({event: round(took, 2) for event, took in walk.took_s.items()})
    assert walk.took_s.keys() == {
        "restarted by this page",
        "restarted by another page",
        "driver killed",
        "kernel shut down",
    }


def test_the_table_in_the_docs_is_what_is_seen() -> None:
    assert table() in DOCS.read_text(encoding="utf-8"), f"docs/saved-notebooks.md should have\n{table()}"
