"""A real Jupyter server in a process of its own, with the extension enabled as an installation enables it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.processes import PATIENCE_S, wait_until

CONFIG = Path(__file__).parents[2] / "jupyter-config" / "jupyter_tune.json"


class Answer(NamedTuple):
    """A status, and the JSON or the text that came with it."""

    status: int
    content: Any


class Server:
    """A server of `folder`/root. Args: options: of the command line, beside its own."""

    def __init__(self, folder: Path, base: str = "/", options: Mapping[str, Any] | None = None):
        self.root = folder / "root"
        self.root.mkdir(parents=True, exist_ok=True)
        self.token = secrets.token_hex(16)
        self.base = base
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        own = {
            variable: str(folder / variable.lower())
            for variable in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
        }
        enabled = Path(own["JUPYTER_CONFIG_DIR"]) / "jupyter_server_config.d"
        enabled.mkdir(parents=True, exist_ok=True)
        shutil.copy(CONFIG, enabled)
        given = {
            "ServerApp.ip": "127.0.0.1",
            "ServerApp.port": self.port,
            "ServerApp.port_retries": 0,
            "ServerApp.root_dir": str(self.root),
            "ServerApp.base_url": base,
            "IdentityProvider.token": self.token,
            **(options or {}),
        }
        self.log = folder / "server.log"
        environ = {name: value for name, value in os.environ.items() if name != "JUPYTER_TUNE_DIR"}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"]
                + [f"--{name}={value}" for name, value in given.items()],
                env={**environ, **own, "JUPYTER_PREFER_ENV_PATH": "0"},
                cwd=folder,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        wait_until(self._answers, "the server to start")

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        with contextlib.suppress(OSError):
            # the latter where another way to log in is set up
            return self.get("api/status").status in (200, 403)
        return False

    def ask(
        self, method: str, path: str, content: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The answer to a request, by default with the token. `path`: below the base URL."""
        data = None if content is None else json.dumps(content).encode()
        sent = {"Authorization": f"token {self.token}"} if headers is None else dict(headers)
        url = f"http://127.0.0.1:{self.port}{self.base}{path}"
        request = urllib.request.Request(url, data, sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return Answer(answer.status, _content(answer.read()))
        except urllib.error.HTTPError as error:
            return Answer(error.code, _content(error.read()))

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.ask("GET", path, headers=headers)

    def studies(self) -> dict[str, Any]:
        """The rows of all studies by their paths, once all are read."""
        found: dict[str, Any] = {}

        def are_read() -> bool:
            listed = self.get("jupyter-tune/api/studies")
            assert listed.status == 200, listed
            found.clear()
            found.update({row["path"]: row for row in listed.content["studies"]})
            return listed.content["unread"] == 0

        wait_until(are_read, "all studies to be read")
        return found

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(PATIENCE_S)
        finally:
            self.process.kill()


def _content(raw: bytes) -> Any:
    try:
        return json.loads(raw or b"null")
    except ValueError:
        return raw.decode()
