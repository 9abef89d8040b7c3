"""What a page that listens is told, over the server's own event bus."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from jupyter_tune.core.events import TrialReported
from jupyter_tune.driver.overviews import SOON_S
from jupyter_tune.journal import Journal, files_folder
from jupyter_tune.server.service import SCHEMA_ID
from jupyter_tune.views.overview import overview
from tests.processes import PATIENCE_S
from tests.server.real_server import Server
from tests.server.studies import begun, study_of
from tests.views.studies import started, whole


class Bus:
    """The events of studies that reach a page."""

    def __init__(self, socket: WebSocketClientConnection):
        self._socket = socket

    async def next(self, path: str) -> dict[str, Any]:
        """The next event of that study."""
        while True:
            text = await asyncio.wait_for(self._socket.read_message(), PATIENCE_S)
            assert isinstance(text, (str, bytes)), "the server has closed the bus"
            event = json.loads(text)
            if event["schema_id"] == SCHEMA_ID and event["path"] == path:
                found: dict[str, Any] = event
                return found


@pytest.fixture
async def bus(server: Server) -> AsyncIterator[Bus]:
    url = f"ws://127.0.0.1:{server.port}{server.base}api/events/subscribe?token={server.token}"
    socket = await websocket_connect(url)
    yield Bus(socket)
    socket.close()


def tell(journal: Journal, *events: Any) -> None:
    """Record these, as a driver does: now, and with how the study then stands."""
    journal.append(events, time.time(), durable=False)
    journal.keep(overview(study_of(journal)).to_json())


async def test_a_page_is_told_what_begins_changes_and_is_deleted(server, bus):
    await asyncio.to_thread(server.studies)
    path = server.root / "told" / "new.tune.db"
    journal = begun(path, *started(0))
    told = await bus.next("told/new.tune.db")
    assert (told["action"], told["row"]["state"], told["row"]["running"]) == ("changed", "running", 1)
    tell(journal, TrialReported(0, 1, 1, {"accuracy": 0.5}))
    while (told := await bus.next("told/new.tune.db"))["row"]["leader"] is None:
        pass
    assert told["row"]["leader"] == {"trial": 0, "value": 0.5}
    tell(journal, *whole(1, value=0.75))
    while (told := await bus.next("told/new.tune.db"))["row"]["best"] is None:
        pass
    assert (told["row"]["best"], told["row"]["best_trial"]) == (0.75, 1)
    # the driver dies, and the file does not change
    journal.close()
    while (told := await bus.next("told/new.tune.db"))["row"]["state"] == "running":
        pass
    assert told["row"]["state"] == "interrupted"
    files_folder(path).mkdir()
    for file in path.parent.glob("new.tune.db*"):
        file.unlink()
    while (told := await bus.next("told/new.tune.db"))["action"] != "deleted":
        pass
    assert told["row"] is None


async def test_a_study_that_reports_all_the_time_is_told_four_times_a_second_at_most(server, bus):
    await asyncio.to_thread(server.studies)
    journal = begun(server.root / "busy.tune.db", *started(0))
    await bus.next("busy.tune.db")

    async def report() -> None:
        for step in range(1, 61):
            tell(journal, TrialReported(0, 1, step, {"accuracy": step / 100}))
            await asyncio.sleep(0.05)

    reports, arrived = asyncio.create_task(report()), []
    while (told := await bus.next("busy.tune.db"))["row"]["leader"] != {"trial": 0, "value": 0.6}:
        arrived.append(time.monotonic())
    await reports
    journal.close()
    over_s = arrived[-1] - arrived[0]
    # those on the way when the machine is busy may arrive together
    assert len(arrived) <= 4 * over_s + 4
    assert len(arrived) >= 3
    assert SOON_S <= 0.25
    assert told["action"] == "changed"
