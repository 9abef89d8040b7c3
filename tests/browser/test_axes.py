"""What a chart draws stands where its axes say: by pixels, while a study goes on before the page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from jupyter_tune.core.events import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.samplers.gp.landscape import landscape
from jupyter_tune.views.columns import unpacked
from jupyter_tune.views.tables import Tables
from tests.browser.still import open_still, served
from tests.views import studies

SAMPLER = (Path(__file__).parent / "sampler.js").read_text()
TRIALS = 40
RECORDS_A_DELTA = 5
DELTAS_A_TAB = 5
PAUSE_MS = 100

OFF_PX = 3.0
"""By how much a mark may stand beside its value: half a label's descender, and rounding."""
FEWEST_SAMPLES = 200

Sample = dict[str, Any]


def test_what_is_drawn_stands_where_the_axes_say(page: Page, tmp_path: Path) -> None:
    settings = Settings("accuracy", trials=2 * TRIALS, workers=4, max_steps=9)
    opened, *later = studies.records(*studies.story(TRIALS), settings=settings)
    study = Study.fold([opened])
    model = landscape(Study.fold([opened, *later]), "lr", "width")
    tables = Tables(study)
    samples: list[Sample] = []

    def moment(name: str) -> None:
        samples.extend(page.evaluate("() => window.axes.take()"))
        page.evaluate("name => { window.axes.moment = name }", name)

    page.add_init_script(SAMPLER)
    with served(tmp_path) as address:
        open_still(page, tmp_path, address, study, landscape=model, now=opened.at)
        tabs = page.get_by_role("tab").all()
        for at, record in enumerate(later):
            study.apply(record)
            tables.note(record)
            delta = tables.delta(record.at) if at % RECORDS_A_DELTA == 0 else None
            if delta is None:
                continue
            page.evaluate("delta => window.deliver({ type: 'delta', ...delta })", unpacked(delta))
            page.wait_for_timeout(PAUSE_MS)
            turn, rest = divmod(at // RECORDS_A_DELTA, DELTAS_A_TAB)
            if rest == 0:
                tab = tabs[turn % len(tabs)]
                tab.click()
                moment(f"tab {tab.inner_text()}")
                page.set_viewport_size({"width": 1400 - 100 * (turn % 4), "height": 1500})
        expect(page.get_by_test_id("chart-history").locator(".points path").first).to_be_attached()
        while len(samples) < FEWEST_SAMPLES:
            page.wait_for_timeout(PAUSE_MS)
            moment("rest")

    assert not [sample for sample in samples if is_off(sample)], report(samples)


def is_off(sample: Sample) -> bool:
    return bool(sample["worst"] > OFF_PX or sample["legend"] > OFF_PX)


def report(samples: Iterable[Sample]) -> str:
    """The share of samples that are off and the worst, for each moment and chart."""
    by: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    for sample in samples:
        by[sample["moment"], sample["chart"]].append(sample)
        by["all", ""].append(sample)
    lines = []
    for (moment, chart), group in by.items():
        off = sum(map(is_off, group))
        worst = max(group, key=lambda sample: sample["worst"])
        legend = max(sample["legend"] for sample in group)
        lines.append(
            f"{moment:18} {chart:20} {off:4} of {len(group):4} off, by up to {worst['worst']:5.1f} px "
            f"({worst['what']}), legend over marks {legend:.0f} px"
        )
    return "\n".join(lines)
