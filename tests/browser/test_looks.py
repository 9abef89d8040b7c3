"""What the dashboard looks like: every view in both themes, at 1, 60 and 10,000 trials, beside a reference.

Fonts and anti-aliasing differ from machine to machine, so pictures are compared as a person sees them from
afar: in blocks of 8 x 8 pixels. `UPDATE_LOOKS=1 pytest tests/browser/test_looks.py` takes the references
anew, `UPDATE_LOOKS=table,header` those of these views; look at them before committing. What was seen is left
in out/browser/looks/.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from jupyter_tune.core.events import Event, TrialEnded, TrialStarted, TrialSuggested
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.samplers.gp.landscape import landscape
from tests.browser.still import THEMES, open_still, served
from tests.processes import PATIENCE_S
from tests.real_lab import PICTURES
from tests.views import studies

REFERENCES = Path(__file__).parent / "looks"
AXE = Path(__file__).parents[2] / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
UPDATE = os.environ.get("UPDATE_LOOKS", "")

TRIALS = (1, 60, 10_000)
BLOCK = 8
FAR = 40
"""Of 255: a block that differs by more looks different."""
MOST_FAR = 0.04
"""The share of such blocks in a picture that still looks the same."""
PAUSE_MS = 400
"""Between two looks: Plotly draws in frames of its own."""


@cache
def known(trials: int) -> tuple[Study, dict[str, Any]]:
    """A study half way through its budget, and the model's landscape of it."""
    settings = Settings("accuracy", trials=2 * trials, workers=4, max_steps=9)
    study = studies.study(*studies.story(trials), settings=settings)
    return study, landscape(study, "lr", "width")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    with served(tmp_path) as address:
        yield tmp_path, address


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("trials", TRIALS)
def test_every_view_looks_as_its_reference(
    page: Page, folder: tuple[Path, str], trials: int, theme: str
) -> None:
    study, model = known(trials)
    page.set_viewport_size({"width": 1000, "height": 1400})
    open_still(page, *folder, study, landscape=model, theme=theme)
    pictures = {"header": page.locator("header.jt-header"), "table": page.locator(".jt-trials-card")}
    pictures |= {name: page.get_by_test_id(f"chart-{name}") for name in ("history", "curves")}
    # what looks different is looked at again, in this time for all of them: it may not have been drawn yet
    until = time.monotonic() + PATIENCE_S
    different = [_difference(where, name, f"{trials}-{theme}", until) for name, where in pictures.items()]
    tabs = page.get_by_role("tab").all()
    assert len(tabs) == 9
    for tab in tabs:
        tab.click()
        panel, name = page.get_by_role("tabpanel"), tab.inner_text().lower()
        different.append(_difference(panel, name, f"{trials}-{theme}", until))
    assert not [told for told in different if told], "look at them in out/browser/looks/"


def _difference(where: Locator, view: str, of: str, until: float) -> str:
    """Empty as soon as the picture looks as its reference; else its name, and by how much it differs."""
    name = f"{view}-{of}"
    where.scroll_into_view_if_needed()
    if UPDATE == "1" or view in UPDATE.split(","):
        REFERENCES.mkdir(exist_ok=True)
        _at_rest(where).quantize(64).save(REFERENCES / f"{name}.png", optimize=True)
    reference = Image.open(REFERENCES / f"{name}.png").convert("RGB")
    while True:
        where.page.wait_for_timeout(PAUSE_MS)
        seen = _picture(where)
        far = _share_of_far_blocks(reference, seen)
        if far <= MOST_FAR or time.monotonic() > until:
            break
    (PICTURES / "looks").mkdir(parents=True, exist_ok=True)
    seen.quantize(64).save(PICTURES / "looks" / f"{name}.png", optimize=True)
    return "" if far <= MOST_FAR else f"{name}: {far:.1%} of it looks different"


def _picture(where: Locator) -> Image.Image:
    seen = Image.open(io.BytesIO(where.screenshot())).convert("RGB")
    return seen.resize((seen.width // 2, seen.height // 2), Image.Resampling.LANCZOS)


def _at_rest(where: Locator) -> Image.Image:
    """The picture once it does not change any more, but for the clock."""
    seen: Image.Image | None = None
    while True:
        where.page.wait_for_timeout(PAUSE_MS)
        before, seen = seen, _picture(where)
        if before is not None and _share_of_far_blocks(before, seen) < MOST_FAR / 4:
            return seen


def _share_of_far_blocks(one: Image.Image, other: Image.Image) -> float:
    """Of two pictures, brought to one size; a height that differs by much counts as different."""
    if abs(one.height - other.height) > 0.1 * one.height:
        return 1.0
    size = (max(1, one.width // BLOCK), max(1, one.height // BLOCK))
    blocks = [np.asarray(image.resize(size, Image.Resampling.BOX), dtype=float) for image in (one, other)]
    return float((np.abs(blocks[0] - blocks[1]).max(axis=2) > FAR).mean())


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_serious(page: Page, folder: tuple[Path, str], theme: str) -> None:
    study, model = known(60)
    open_still(page, *folder, study, landscape=model, theme=theme)
    page.get_by_test_id("trial-3").click()
    expect(page.get_by_test_id("detail")).to_be_visible()
    page.add_script_tag(path=AXE)
    found = page.evaluate("async () => (await axe.run('#view')).violations")
    serious = [
        (violation["id"], [node["html"][:160] for node in violation["nodes"]])
        for violation in found
        if violation["impact"] in ("serious", "critical")
    ]
    assert serious == []


def test_names_errors_and_choices_are_text(page: Page, folder: tuple[Path, str]) -> None:
    markup = "<img src=x onerror='window.hacked=1'>"
    events: list[Event] = [
        TrialSuggested(0, {"lr": 1e-2, "width": 64, "act": "relu", "seed": 7}, markup),
        TrialStarted(0, 1, markup),
        TrialEnded(0, 1, "failed", error=f"Traceback\nValueError: {markup}"),
    ]
    settings = Settings(markup, trials=9, workers=1, max_steps=9)
    study = studies.study(*events, name=markup, settings=settings)
    open_still(page, *folder, study)
    page.get_by_test_id("trial-0").click()
    page.evaluate("text => window.deliver({ type: 'log', trial: 0, text, error: text })", markup)
    page.evaluate("text => window.deliver({ type: 'notice', level: 'error', text })", markup)
    expect(page.get_by_test_id("log")).to_contain_text(markup)
    for tab in page.get_by_role("tab").all():
        tab.click()
        page.wait_for_timeout(200)
    assert page.evaluate("() => window.hacked") is None
    assert page.locator("#view img").count() == 0


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([], "The first finished trial will appear here"),
        (
            [
                event
                for number in range(3)
                for event in studies.whole(number, "failed", error="Traceback\nValueError: no data")
            ],
            "ValueError: no data",
        ),
    ],
    ids=["empty", "all failed"],
)
def test_what_is_missing_is_said(
    page: Page, folder: tuple[Path, str], events: list[Event], words: str
) -> None:
    open_still(page, *folder, studies.study(*events))
    expect(page.get_by_test_id("jupyter-tune-dashboard")).to_contain_text(words)
