"""How many reports a second a driver commits and acknowledges in time, from trials on 1,000 slots.

In real time, on this machine's disk: the driver's own loop, engine, ASHA, random sampler and journal, around
trials that are timers and wait for each acknowledgement. What the processes of real trials and their sockets
cost comes on top. The wait is that from when a report was due to its acknowledgement.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

from jupyter_tune.core.events import Record, StudyOpened
from jupyter_tune.core.study import Study
from jupyter_tune.driver.clients import Clients
from jupyter_tune.driver.loop import StudyLoop
from jupyter_tune.driver.sampler_thread import SamplerThread
from jupyter_tune.journal import Journal
from jupyter_tune.registry import first_rung
from tests.benchmarks.kernels import studies_folder
from tests.benchmarks.many_trials import SPACE, WORK, Publisher, Timers, settings
from tests.benchmarks.rows import Row, percentile

SLOTS = 1_000
PACES_S = (4.0, 1.0, 0.5, 0.25, 0.1)
"""Seconds between two reports of a trial."""

BEGIN_S, MEASURED_S = 5.0, 10.0


def measure() -> list[Row]:
    rows = []
    for pace_s in PACES_S:
        with studies_folder() as folder:
            rate, cpu, waits_s = asyncio.run(_study(folder / "keeps-up.tune.db", pace_s))
        name = f"a report every {pace_s:g} s from each of {SLOTS:,} slots"
        waits_ms = [[1e3 * wait_s for wait_s in waits_s]]
        rows += [
            Row.of(f"{name}: records committed", "a second", [[rate]]),
            Row.of(f"{name}: CPU of the driver and its trials", "%", [[100 * cpu]]),
            Row.of(f"{name}: wait for the acknowledgement, p50", "ms", waits_ms),
            Row.of(f"{name}: p95", "ms", waits_ms, statistic=percentile(95)),
        ]
    return rows


async def _study(path: Path, pace_s: float) -> tuple[float, float, list[float]]:
    """Records and CPU seconds in a second, and how long reports waited."""
    loop = asyncio.get_running_loop()
    opened = StudyOpened("keeps-up", SPACE, replace(settings(1, SLOTS), trials=None))
    journal = Journal.create(path, opened, time.time())
    study = Study.fold(journal.records(), first_rung)
    executor = Timers(loop, SLOTS, pace_s=pace_s)

    def note(record: Record) -> None:
        """No one follows it."""

    running = StudyLoop(journal, study, executor, WORK, SamplerThread(), Publisher(Clients(), note))
    try:
        await running.begin([])
        # until all slots have a trial that reports
        await asyncio.sleep(BEGIN_S + 2 * pace_s)
        executor.waits_s.clear()
        seq, began, cpu_s = study.seq, time.monotonic(), time.process_time()
        await asyncio.sleep(MEASURED_S)
        took_s = time.monotonic() - began
        rate, cpu = (study.seq - seq) / took_s, (time.process_time() - cpu_s) / took_s
        return rate, cpu, list(executor.waits_s)
    finally:
        await running.close()
