"""Charts draw marks where their axes say: by pixels, while a study goes on before the page, and in Lab."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.samplers.gp.landscape import landscape
from jupyter_tune.views.charts import filled, templates
from jupyter_tune.views.tables.columns import unpacked
from jupyter_tune.views.tables.tables import Tables
from tests.browser.still import open_still, served
from tests.processes import wait_until
from tests.real_kernel import LOAD
from tests.real_lab import OpenNotebook, seen
from tests.views import studies

SAMPLER = (Path(__file__).parent / "sampler.js").read_text()
TRIALS = 40
RECORDS_A_DELTA = 5
DELTAS_A_TAB = 5
PAUSE_MS = 100

OFF_PX = 3.0
"""By how much a mark may stand beside its value: half a label's descender, and rounding."""
FEWEST_SAMPLES = 200
VIEWS = {
    f"chart-{name}"
    for name in (
        *("history", "curves", "landscape", "slice_x", "slice_y", "parallel", "slice", "contour"),
        *("importances", "timeline", "edf", "rank"),
    )
}

Sample = dict[str, Any]


def test_what_is_drawn_stands_where_the_axes_say(page: Page, tmp_path: Path) -> None:
    settings = Settings("accuracy", trials=2 * TRIALS, workers=4, max_steps=9)
    opened, *later = studies.records(*studies.story(TRIALS, grows=1.25), settings=settings)
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


# values grow by orders, so that the labels of axes grow; states come one by one, so that the legend grows
CELL = """%%tune --maximize score -j 2 --max-steps 6 --name axes -n 10000 --sampler random --pruner asha
lr: Float(1e-4, 1e-1, log=True) = 1e-2
width: Int(8, 256, log=True) = 64
act: Categorical(["relu", "a long name of an activation"]) = "relu"
import math, time
if trial.number % 9 == 8:
    raise ValueError("no data")
for step in range(1, 7):
    time.sleep(0.05)
    score = 1 - abs(math.log10(lr) + 2.5) / 3 + width / 2000 - 0.5 ** step
    report(score=score * 1.25 ** (trial.number // 4), step=step)
"""
A_MOMENT_MS = 400


def test_in_lab_it_does_so_through_all_that_happens_to_a_page(
    open_notebook: OpenNotebook, page: Page
) -> None:
    page.add_init_script(SAMPLER)
    notebook = open_notebook("axes", LOAD, CELL)
    notebook.run(0)
    notebook.run(1)
    samples: list[Sample] = []

    def moment(name: str) -> None:
        page.evaluate("name => { window.axes.moment = name }", name)

    def lasts(ms: int = A_MOMENT_MS) -> None:
        page.wait_for_timeout(ms)
        samples.extend(page.evaluate("() => window.axes.take()"))

    def all_seen(now: str) -> bool:
        """Whether each chart on the page has a sample of this moment: a busy machine draws late."""
        lasts()
        shown = page.evaluate(
            """() => [...document.querySelectorAll('[data-testid^=chart-]')]
                .filter(chart => chart.clientWidth > 0)
                .map(chart => chart.dataset.testid)"""
        )
        return set(shown) <= {sample["chart"] for sample in samples if sample["moment"] == now}

    def all_views(when: str) -> None:
        for tab in page.get_by_role("tab").all():
            now = f"{when}, {tab.inner_text()}"
            moment(now)
            tab.click()
            lasts()
            wait_until(partial(all_seen, now), f"a sample of each chart on the page: {now}")

    # a model is there, and its plane: the tabs are known
    expect(seen(page.get_by_test_id("chart-landscape")).locator(".hm image").first).to_be_attached()
    all_views("runs")
    for width in (1000, 1400):
        moment(f"{width} wide")
        page.set_viewport_size({"width": width, "height": 1500})
        lasts()
    moment("paused")
    page.get_by_test_id("pause").click()
    lasts()
    moment("goes on")
    page.get_by_test_id("pause").click()
    lasts()
    notebook.save()
    page.reload()
    moment("reloaded")
    expect(page.get_by_test_id("chart-history").locator(".points path").first).to_be_attached()
    lasts()
    seen(page.get_by_test_id("chart-landscape"))
    all_views("reloaded")
    moment("stopped")
    page.get_by_test_id("stop").click()
    expect(page.get_by_test_id("state")).to_have_text("ended")
    lasts()
    while len(samples) < FEWEST_SAMPLES:
        lasts()

    assert {sample["chart"] for sample in samples if sample["moment"].startswith("reloaded")} >= VIEWS
    assert not [sample for sample in samples if is_off(sample)], report(samples)


def is_off(sample: Sample) -> bool:
    return bool(max(sample["worst"], sample["legend"], sample["outside"]) > OFF_PX)


def report(samples: Iterable[Sample]) -> str:
    """How many samples are off and the worst, for each moment and chart."""
    by: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    for sample in samples:
        by[sample["moment"], sample["chart"]].append(sample)
        by["all", ""].append(sample)
    lines = []
    for (moment, chart), group in by.items():
        off = sum(map(is_off, group))
        worst = max(group, key=lambda sample: sample["worst"])
        legend, outside = (max(sample[what] for sample in group) for what in ("legend", "outside"))
        lines.append(
            f"{moment:18} {chart:20} {off:4} of {len(group):4} off, by up to {worst['worst']:5.1f} px "
            f"({worst['what']}), legend over marks {legend:.0f} px, marks outside {outside:.0f} px"
        )
    return "\n".join(lines)


def test_a_zoom_stays_while_trials_come_and_a_double_click_shows_all_of_them(
    page: Page, tmp_path: Path
) -> None:
    # of each part one value is beyond the axis, which so has a range of its own
    before = [0.50, 0.52, 0.54, 0.56, 0.58, 0.60, 0.62, 1e9]
    after = [0.3, 0.25, 0.2, 0.7, 0.8, 0.15, 0.1, 0.72, 1e12]
    events = [event for at, value in enumerate(before + after) for event in studies.whole(at, value=value)]
    opened, *later = studies.records(*events, settings=Settings("loss", "minimize", trials=40))
    first = 3 * len(before)
    study = Study.fold([opened, *later[:first]])
    tables = Tables(study)

    def asked() -> Any:
        return filled(study, templates(study.space)["history"])["layout"]["yaxis"]["range"]

    def drawn() -> Any:
        return page.get_by_test_id("chart-history").evaluate(
            "node => node.querySelector('.js-plotly-plot')?._fullLayout?.yaxis.range"
        )

    with served(tmp_path) as address:
        open_still(page, tmp_path, address, study)
        wait_until(lambda: drawn() == asked(), "the chart to be drawn")
        box = page.get_by_test_id("chart-history").locator(".nsewdrag").first.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 40, box["y"] + 30)
        page.mouse.down()
        page.mouse.move(box["x"] + 160, box["y"] + 120, steps=5)
        page.mouse.up()
        wait_until(lambda: drawn() != asked(), "the zoom")
        zoomed = drawn()
        old = asked()
        for record in later[first:]:
            study.apply(record)
            tables.note(record)
        delta = tables.delta(later[-1].at)
        assert delta is not None
        page.evaluate("delta => window.deliver({ type: 'delta', ...delta })", unpacked(delta))
        number = len(before + after) - 1
        chart = page.get_by_test_id("chart-history").locator(".js-plotly-plot")
        wait_until(
            lambda: chart.evaluate("(node, number) => node.data.some(t => t.x?.includes(number))", number),
            "the new trials to be drawn",
        )
        assert drawn() == zoomed
        page.mouse.dblclick(box["x"] + 100, box["y"] + 100)
        wait_until(lambda: drawn() == asked(), "all to be seen again")
        assert asked() != old
