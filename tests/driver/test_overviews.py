"""What a driver writes of its study for lists."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

from jupyter_tune.client.overviews import glance
from jupyter_tune.core.study import Study
from jupyter_tune.driver import overviews
from jupyter_tune.journal import Journal, read_facts, read_records
from jupyter_tune.views.overview import overview
from tests.driver.scripted import ScriptedExecutor, Slots, a_loop, two_running


async def test_a_study_that_has_ended_says_all_of_it(tmp_path: Path) -> None:
    loop, listener = a_loop(tmp_path, ScriptedExecutor())
    await loop.begin([])
    await listener.until(lambda: loop.study.is_ended)
    path = tmp_path / "s.tune.db"
    seen = glance(path)
    assert seen is not None
    assert seen.overview == overview(Study.fold(read_records(path)))
    assert (seen.state, seen.overview.counts["complete"]) == ("ended", 10)
    await loop.close()


async def test_what_happens_in_a_row_is_written_together(tmp_path: Path, monkeypatch) -> None:
    written: list[float] = []
    keep = Journal.keep

    def noted(self: Journal, facts: dict[str, object]) -> None:
        written.append(asyncio.get_running_loop().time())
        keep(self, facts)

    monkeypatch.setattr(Journal, "keep", noted)
    monkeypatch.setattr(overviews, "SOON_S", 0.05)
    loop, listener = a_loop(tmp_path, ScriptedExecutor())
    await loop.begin([])
    assert len(written) == 1
    await listener.until(lambda: loop.study.is_ended)
    await loop.close()
    records = len(read_records(tmp_path / "s.tune.db"))
    assert len(written) < records / 2
    # but for the end, which does not wait
    assert all(later - earlier >= 0.05 for earlier, later in itertools.pairwise(written[:-1]))


async def test_what_came_last_is_written_although_nothing_follows(tmp_path: Path) -> None:
    loop, listener = a_loop(tmp_path, Slots())
    await two_running(loop, listener)
    path = tmp_path / "s.tune.db"

    def is_current() -> bool:
        kept = read_facts(path)
        return kept is not None and kept.seq == kept.last == loop.study.seq and bool(loop.study.live)

    async with asyncio.timeout(30):
        while not is_current():
            await asyncio.sleep(0.02)
    await loop.close()
