"""The driver's end of its connections.

Laws:
- A client that follows gets every record once, in order: first those of the file, in pages, then each as it
  is committed.
- The first record after a pause is sent at once, later ones together, at most every FLUSH_S. Notices are sent
  at once, and to later followers when they begin. So is what a study has of its machine, and which loggers
  are at work, the latest of it.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from jupyter_tune import journal
from jupyter_tune.wire import messages
from jupyter_tune.wire.frames import Message
from jupyter_tune.wire.messages import Logging, Machine, Notice

FLUSH_S = 0.02
"""Seconds between two messages of records to a client."""

PAGE = 10_000
"""Records in a message to a new follower; the loop turns between two."""


class Client:
    """A client that is connected."""

    def __init__(self, writer: asyncio.StreamWriter):
        self._writer = writer
        self.follows = False

    def send(self, message: Message | Notice | Machine | Logging) -> None:
        self.write(messages.encode(message))

    def send_records(self, texts: list[str]) -> None:
        """Send records that are JSON text."""
        self.write(messages.encode_records(texts))

    def write(self, frame: bytes) -> None:
        """Send a message that is encoded."""
        if not self._writer.is_closing():
            self._writer.write(frame)

    async def drain(self) -> None:
        """Wait until there is room to send more."""
        if not self._writer.is_closing():
            await self._writer.drain()

    def close(self) -> None:
        self._writer.close()


class Clients:
    """All clients that are connected now."""

    def __init__(self) -> None:
        self._clients: set[Client] = set()
        self._notices: list[Notice] = []
        self._machine: Machine | None = None
        self._logging: Logging | None = None
        self._unsent: list[str] = []
        self._flushed_at = 0.0
        self._flush: asyncio.TimerHandle | None = None

    def enter(self, writer: asyncio.StreamWriter) -> Client:
        """A client has connected."""
        client = Client(writer)
        self._clients.add(client)
        return client

    def leave(self, client: Client) -> None:
        """It has disconnected, or is to be."""
        self._clients.discard(client)
        client.close()

    async def follow(self, client: Client, path: Path, since: int) -> None:
        """Send `client` the records of the study in `path` after `since`, and from now on every later one."""
        # until there is none: no turn of the loop lies between that look and `follows`
        while page := journal.read_texts(path, since, PAGE):
            client.send_records(page)
            await client.drain()
            since += len(page)
        # what the others have yet to get, this one has from the file
        self._send_records()
        for notice in self._notices:
            client.send(notice)
        for latest in (self._machine, self._logging):
            if latest is not None:
                client.send(latest)
        client.follows = True

    @property
    def followers(self) -> list[Client]:
        return [client for client in self._clients if client.follows]

    def publish(self, text: str) -> None:
        """Send followers this record, as its JSON text."""
        if not self.followers:
            return
        self._unsent.append(text)
        if self._flush is None:
            loop = asyncio.get_running_loop()
            self._flush = loop.call_at(self._flushed_at + FLUSH_S, self._send_records)

    def _send_records(self) -> None:
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
            self._flushed_at = asyncio.get_running_loop().time()
        texts, self._unsent = self._unsent, []
        if texts:
            frame = messages.encode_records(texts)
            for client in self.followers:
                client.write(frame)

    def notice(self, text: str, level: str) -> None:
        """Send followers, also later ones, this text; `level` is info or error."""
        self._notices.append(messages.notice(text, level))
        for client in self.followers:
            client.send(self._notices[-1])

    def machine(self, machine: Machine) -> None:
        """Send followers, also later ones, what the study has of its machine, if that is news."""
        if machine != self._machine:
            self._machine = machine
            for client in self.followers:
                client.send(machine)

    def logging(self, to: list[str]) -> None:
        """Tell followers, also later ones, which loggers are at work."""
        self._logging = messages.logging(to)
        for client in self.followers:
            client.send(self._logging)

    def close(self) -> None:
        """Send what is left, and end all connections."""
        self._send_records()
        for client in self._clients:
            client.close()
