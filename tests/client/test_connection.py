"""Answers find their requests; what answers none goes to the listener."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from jupyter_tune.client.connection import Connection, DriverGoneError
from jupyter_tune.errors import DriverError, SpaceError
from jupyter_tune.wire import messages
from jupyter_tune.wire.requests import Narrow, Pause, Stop
from tests.processes import PATIENCE_S


class Driver:
    """The other end of a connection, played by the test."""

    def __init__(self, connection: socket.socket):
        self._socket = connection
        self._requests = messages.receive(connection)

    def receive(self) -> dict[str, Any]:
        return next(self._requests)

    def send(self, message: Any) -> None:
        self._socket.sendall(messages.encode(message))

    def end(self) -> None:
        self._socket.close()


@pytest.fixture
def pair() -> Iterator[tuple[Connection, Driver]]:
    ours, theirs = socket.socketpair()
    theirs.settimeout(PATIENCE_S)
    connection, driver = Connection(ours), Driver(theirs)
    yield connection, driver
    connection.close()
    driver.end()


def test_answers_may_come_in_any_order(pair: tuple[Connection, Driver]) -> None:
    connection, driver = pair
    narrowing, stopping = connection.send(Narrow({"x": [0, 1]})), connection.send(Stop())
    first, second = driver.receive(), driver.receive()
    assert first == {"type": "narrow", "ranges": {"x": [0, 1]}, "was": None, "id": first["id"]}
    driver.send(messages.result(second["id"], None))
    driver.send(messages.result(first["id"], 3))
    assert narrowing.result(PATIENCE_S) == 3
    assert stopping.result(PATIENCE_S) is None


def test_a_refusal_is_raised_as_the_drivers_own_error(pair: tuple[Connection, Driver]) -> None:
    connection, driver = pair
    answer = connection.send(Pause())
    driver.send(messages.refusal(driver.receive()["id"], SpaceError("x: outside")))
    with pytest.raises(SpaceError, match="x: outside"):
        answer.result(PATIENCE_S)


def test_what_answers_no_request_goes_to_the_listener_in_order(pair: tuple[Connection, Driver]) -> None:
    connection, driver = pair
    received: list[Any] = []
    over = threading.Event()

    def listen(message: Any) -> None:
        received.append(message)
        if message is None:
            over.set()

    connection.listen(listen)
    sent = [messages.notice(text, "info") for text in "abc"]
    for notice in sent:
        driver.send(notice)
    driver.end()
    assert over.wait(PATIENCE_S)
    assert received == [*sent, None]
    assert not connection.is_open


def test_the_end_of_the_connection_answers_all_who_wait(pair: tuple[Connection, Driver]) -> None:
    connection, driver = pair
    answer = connection.send(Stop())
    driver.receive()
    driver.end()
    with pytest.raises(DriverGoneError, match="interrupted"):
        answer.result(PATIENCE_S)
    with pytest.raises(DriverGoneError):
        connection.send(Stop())


def test_a_driver_that_does_not_answer_is_named_with_the_request(pair: tuple[Connection, Driver]) -> None:
    connection, _ = pair
    with pytest.raises(DriverError, match=r"has not answered 'pause' for 0\.01 s"):
        connection.request(Pause(), timeout=0.01)


def test_where_no_driver_listens_the_error_says_so(tmp_path: Any) -> None:
    with pytest.raises(DriverError, match="no driver answers at"):
        Connection.to(str(tmp_path / "driver.sock"))
