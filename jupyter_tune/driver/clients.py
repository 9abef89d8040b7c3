"""The driver's end of its connections: what each is sent, and how those that follow the study are told of it.

Laws:
- Who follows gets every record once, in order: first those of the file, page by page, then each as it is
  committed.
- Records go out together, at most every FLUSH_S; notices at once, and to later followers when they come.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from jupyter_tune import journal
from jupyter_tune.core.events import Record, record_to_json
from jupyter_tune.wire import messages

FLUSH_S = 0.05
"""Records go to followers at most so often."""

PAGE = 10_000
"""Records go to a new follower so many at once; the loop turns in between."""


class Client:
    """A client that is connected."""

    def __init__(self, writer: asyncio.StreamWriter):
        self._writer = writer
        self.follows = False
        self.unsent: list[list[Any]] = []

    def send(self, message: dict[str, Any]) -> None:
        if not self._writer.is_closing():
            self._writer.write(messages.encode(message))

    async def send_records(self, texts: list[str]) -> None:
        """Send records that are JSON text, and wait until there is room for more."""
        if not self._writer.is_closing():
            self._writer.write(messages.encode_records(texts))
            await self._writer.drain()

    def flush(self) -> None:
        if self.unsent:
            self.send({"records": self.unsent})
            self.unsent = []

    def close(self) -> None:
        self._writer.close()


class Clients:
    """All clients that are connected now."""

    def __init__(self) -> None:
        self._clients: set[Client] = set()
        self._notices: list[dict[str, str]] = []
        self._flush_is_planned = False

    def enter(self, writer: asyncio.StreamWriter) -> Client:
        """A client has come."""
        client = Client(writer)
        self._clients.add(client)
        return client

    def leave(self, client: Client) -> None:
        """It has gone, or is not to stay."""
        self._clients.discard(client)
        client.close()

    async def follow(self, client: Client, path: Path, since: int) -> None:
        """From now on `client` is told of the study in `path`, beginning with the records after `since`."""
        # until there is none: no turn of the loop lies between that look and `follows`
        while page := journal.read_texts(path, since, PAGE):
            await client.send_records(page)
            since += len(page)
        for notice in self._notices:
            client.send(notice)
        client.follows = True

    @property
    def followers(self) -> list[Client]:
        return [client for client in self._clients if client.follows]

    def tell(self, record: Record) -> None:
        """Followers get this record."""
        followers = self.followers
        if not followers:
            return
        data = record_to_json(record)
        for client in followers:
            client.unsent.append(data)
        if not self._flush_is_planned:
            self._flush_is_planned = True
            asyncio.get_running_loop().call_later(FLUSH_S, self._flush)

    def _flush(self) -> None:
        self._flush_is_planned = False
        for client in self._clients:
            client.flush()

    def notice(self, text: str, level: str) -> None:
        """Followers, also those to come, get this text; `level` is info or error."""
        self._notices.append({"notice": text, "level": level})
        for client in self.followers:
            client.send(self._notices[-1])

    def close(self) -> None:
        """Send what is left, and end all connections."""
        for client in self._clients:
            client.flush()
            client.close()
