"""From a slider's move in the page to a suggestion that obeys: a real Lab, a real kernel, Chromium.

Four workers, trials of about half a second, the gp sampler. A person presses an arrow key on a range's lower
thumb; the journal tells when the range was narrowed, when the next suggestion came, and which trials drawn
from the older ranges started all the same. The page and the driver read the same clock.
"""

from __future__ import annotations

import time

from jupyter_tune.core.events import RangesNarrowed, Record, TrialStarted, TrialSuggested
from tests.benchmarks.pages import desk
from tests.benchmarks.rows import Row
from tests.processes import wait_until
from tests.real_kernel import LOAD
from tests.real_lab import NotebookPage

MOVES = 12
BETWEEN_S = 2.0
STUDY = """%%tune --maximize score --workers 4 --max-steps 9 --name steered
lr: Float(1e-4, 1e-1, log=True) = 1e-2
width: Int(8, 256, log=True) = 64
import math, random, time
for step in range(1, 10):
    time.sleep(random.uniform(0.02, 0.1))
    report(score=1 - abs(math.log10(lr) + 1.5) / 3 + width / 2000 - 0.5 ** step, step=step)
"""


def measure() -> list[Row]:
    with desk() as opened:
        pressed, records = _steer(opened.open("steered", LOAD, STUDY))
    narrowed = [record for record in records if isinstance(record.event, RangesNarrowed)]
    assert len(narrowed) == MOVES, f"{len(narrowed)} of {MOVES} moves came to the driver"
    to_driver = [1000 * (record.at - at) for record, at in zip(narrowed, pressed, strict=True)]
    to_trial = [1000 * (_obeyed(records, record) - at) for record, at in zip(narrowed, pressed, strict=True)]
    return [
        Row.of("slider to driver, median", "ms", [to_driver]),
        Row.of("slider to the first suggestion that obeys, median", "ms", [to_trial]),
        Row.of("trials started from older ranges after a move", "", [[_strays(records)]], target="0"),
    ]


def _steer(notebook: NotebookPage) -> tuple[list[float], list[Record]]:
    """When the keys were pressed, and what the study's journal then holds."""
    lab, page = notebook.lab, notebook.page
    notebook.run(0)
    notebook.run(1)
    thumb = page.get_by_test_id("range-lr-low")
    wait_until(
        lambda: "gp" in {e.source for e in _suggested(lab.records("steered"))}, "the model's suggestions"
    )
    pressed = []
    for _ in range(MOVES):
        thumb.focus()
        pressed.append(time.time())
        thumb.press("ArrowRight")
        time.sleep(BETWEEN_S)
    page.get_by_test_id("stop").click()
    return pressed, lab.records("steered")


def _suggested(records: list[Record]) -> list[TrialSuggested]:
    return [record.event for record in records if isinstance(record.event, TrialSuggested)]


def _obeyed(records: list[Record], narrowed: Record) -> float:
    """When the first suggestion from the new range was recorded."""
    later = (r for r in records if r.seq > narrowed.seq and isinstance(r.event, TrialSuggested))
    return next(r.at for r in later)


def _strays(records: list[Record]) -> float:
    """Trials that started although their params lay outside the range that held by then."""
    low, params, strays = 0.0, {}, 0
    for record in records:
        match record.event:
            case TrialSuggested(number=number, params=suggested):
                params[number] = suggested
            case RangesNarrowed(ranges=ranges):
                low = float(ranges["lr"][0])  # type: ignore[arg-type]
            case TrialStarted(number=number):
                strays += float(params[number]["lr"]) < low  # type: ignore[arg-type]
    return strays
