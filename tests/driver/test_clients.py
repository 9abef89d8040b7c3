"""What the driver sends its clients: every record once, in order, and not a message for each."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from jupyter_tune.core.events import StudyOpened, StudyPaused, StudyResumed
from jupyter_tune.driver import clients
from jupyter_tune.driver.clients import Client, Clients
from jupyter_tune.journal import Journal
from jupyter_tune.wire import messages
from jupyter_tune.wire.frames import Splitter
from tests.processes import PATIENCE_S
from tests.views import studies


class Socket:
    """The writer of a connection that keeps what is sent."""

    def __init__(self) -> None:
        self._splitter = Splitter()
        self.messages: list[dict[str, Any]] = []
        self.is_closed = False

    def write(self, data: bytes) -> None:
        self.messages += self._splitter.feed(data)

    async def drain(self) -> None:
        await asyncio.sleep(0)

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True

    @property
    def seqs(self) -> list[int]:
        """Numbers of all records that were sent."""
        return [seq for message in self.messages for seq, *_ in message.get("records", ())]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    [opened] = (record.event for record in studies.records())
    assert isinstance(opened, StudyOpened)
    journal = Journal.create(tmp_path / "s.tune.db", opened, 0.0)
    yield journal
    journal.close()


def enter(all_clients: Clients) -> tuple[Client, Socket]:
    socket = Socket()
    return all_clients.enter(cast(asyncio.StreamWriter, socket)), socket


def commit(journal: Journal, all_clients: Clients, times: int) -> None:
    """Records of which each is committed and published by itself."""
    for k in range(times):
        journal.append([StudyResumed() if k % 2 else StudyPaused()], 1.0)
        for text in journal.texts:
            all_clients.publish(text)


async def until_sent(socket: Socket, count: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while len(socket.seqs) < count:
            await asyncio.sleep(0.001)


async def test_a_follower_gets_the_file_first_and_then_every_later_record(
    journal: Journal,
) -> None:
    all_clients = Clients()
    commit(journal, all_clients, 3)
    client, socket = enter(all_clients)
    await all_clients.follow(client, journal.path, 0)
    assert socket.seqs == [1, 2, 3, 4]
    commit(journal, all_clients, 2)
    await until_sent(socket, 6)
    assert socket.seqs == [1, 2, 3, 4, 5, 6]


async def test_a_second_follower_gets_no_record_twice(journal: Journal) -> None:
    all_clients = Clients()
    first, socket = enter(all_clients)
    await all_clients.follow(first, journal.path, 0)
    commit(journal, all_clients, 3)
    second, late = enter(all_clients)
    await all_clients.follow(second, journal.path, 2)
    commit(journal, all_clients, 1)
    await until_sent(late, 3)
    assert socket.seqs == [1, 2, 3, 4, 5]
    assert late.seqs == [3, 4, 5]


async def test_the_first_record_after_a_pause_is_sent_at_once_and_later_ones_together(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "FLUSH_S", 1e9)
    all_clients = Clients()
    client, socket = enter(all_clients)
    all_clients._flushed_at = -1e9
    await all_clients.follow(client, journal.path, 1)
    commit(journal, all_clients, 1)
    await asyncio.sleep(0)
    await until_sent(socket, 1)
    commit(journal, all_clients, 5)
    await asyncio.sleep(0.01)
    assert socket.seqs == [2]
    all_clients.close()
    assert socket.seqs == [2, 3, 4, 5, 6, 7]
    assert len(socket.messages) == 2
    assert socket.is_closed


async def test_a_file_of_many_records_comes_in_pages(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "PAGE", 2)
    all_clients = Clients()
    commit(journal, all_clients, 4)
    client, socket = enter(all_clients)
    await all_clients.follow(client, journal.path, 0)
    assert [len(message["records"]) for message in socket.messages] == [2, 2, 1]
    assert socket.seqs == [1, 2, 3, 4, 5]


async def test_notices_reach_those_who_follow_and_those_who_follow_later(journal: Journal) -> None:
    all_clients = Clients()
    first, early = enter(all_clients)
    await all_clients.follow(first, journal.path, 1)
    all_clients.notice("the disk is full", "error")
    second, late = enter(all_clients)
    assert late.messages == []
    await all_clients.follow(second, journal.path, 1)
    assert early.messages == late.messages
    assert json.loads(json.dumps(late.messages)) == [
        {"type": "notice", "text": "the disk is full", "level": "error"}
    ]


async def test_a_client_that_has_left_is_sent_nothing(journal: Journal) -> None:
    all_clients = Clients()
    client, socket = enter(all_clients)
    await all_clients.follow(client, journal.path, 1)
    all_clients.leave(client)
    commit(journal, all_clients, 1)
    all_clients.notice("more", "info")
    assert (socket.messages, socket.is_closed) == ([], True)


async def test_what_a_study_has_of_its_machine_is_sent_when_it_changes_and_its_latest_to_later_followers(
    journal: Journal,
) -> None:
    all_clients = Clients()
    first, early = enter(all_clients)
    await all_clients.follow(first, journal.path, 1)
    waits = messages.machine("1 trial waits", {})
    for _ in range(2):
        all_clients.machine(waits)
    runs = messages.machine("", {"local/0": []})
    all_clients.machine(runs)
    second, late = enter(all_clients)
    await all_clients.follow(second, journal.path, 1)
    assert early.messages == [waits, runs]
    assert late.messages == [runs]
